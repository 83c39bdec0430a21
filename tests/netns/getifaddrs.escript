#!/usr/bin/env escript
%%! -noinput
%% The term that `INETCTL getifaddrs --format erlang` prints is the one that inet:getifaddrs() of this node returns.
%%
%%   getifaddrs_scene.sh escript getifaddrs.escript INETCTL [NETNS-FILE]
main([Inetctl]) -> compare(Inetctl ++ " getifaddrs --format erlang", inet:getifaddrs());
main([Inetctl, File]) ->
    compare(Inetctl ++ " getifaddrs --format erlang --netns " ++ File, inet:getifaddrs([{netns, File}])).

compare(Command, {ok, Interfaces} = Live) ->
    case parse(os:cmd(Command)) of
        Live ->
            io:format("getifaddrs: ~b interfaces, the same in inet:getifaddrs() and inetctl~n", [length(Interfaces)]);
        Ours ->
            io:format("getifaddrs: they differ: Erlang~n~p~nand inetctl~n~p~n", [Live, Ours]),
            halt(1)
    end.

parse(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Term} = erl_parse:parse_term(Tokens),
    Term.
