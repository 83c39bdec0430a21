#!/usr/bin/env escript
%%! -noinput
%% The term that `INETCTL getifaddrs --format erlang` prints is the one that inet:getifaddrs() of this node returns.
%%
%%   getifaddrs_scene.sh escript getifaddrs.escript INETCTL [NETNS-FILE]
main([Inetctl]) -> compare(Inetctl ++ " getifaddrs --format erlang", fun() -> inet:getifaddrs() end, 10);
main([Inetctl, File]) ->
    Command = Inetctl ++ " getifaddrs --format erlang --netns " ++ File,
    compare(Command, fun() -> inet:getifaddrs([{netns, File}]) end, 10).

%% The kernel adds link-local addresses by itself for a while: what differs each time is no accident.
compare(Command, Get, Tries) ->
    {ok, Interfaces} = Live = Get(),
    case parse(os:cmd(Command)) of
        Live ->
            io:format("getifaddrs: ~b interfaces, the same in inet:getifaddrs() and inetctl~n", [length(Interfaces)]);
        _ when Tries > 1 ->
            timer:sleep(200),
            compare(Command, Get, Tries - 1);
        Ours ->
            io:format("getifaddrs: they differ: Erlang~n~p~nand inetctl~n~p~n", [Live, Ours]),
            halt(1)
    end.

parse(Text) ->
    {ok, Tokens, _} = erl_scan:string(Text ++ "."),
    {ok, Term} = erl_parse:parse_term(Tokens),
    Term.
