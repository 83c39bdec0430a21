#!/usr/bin/env escript
%% A node with connections that does what it is told. Prints its process id and "PORT PORT": the local ports of two fresh
%% connections, which are the first and the second. Then, for each term on standard input, one line:
%%   {set, First|Second, Options}   what inet:setopts/2 answers
%%   {get, First|Second, Names}     what inet:getopts/2 answers
%%   {recv, First|Second}           what gen_tcp:recv/3 answers
%%   fresh                          "PORT PORT" of another two
%% Ends with its standard input.
-mode(compile).

main(_) ->
    {ok, L} = gen_tcp:listen(0, [{ip,{127,0,0,1}}, {active,false}]),
    io:format("~s~n", [os:getpid()]),
    loop(L, fresh(L)).

fresh(L) ->
    {ok, Port} = inet:port(L),
    Pair = {connect(Port), connect(Port)},
    {ok, _} = gen_tcp:accept(L),
    {ok, _} = gen_tcp:accept(L),
    {A, B} = Pair,
    {ok, PortA} = inet:port(A),
    {ok, PortB} = inet:port(B),
    io:format("~w ~w~n", [PortA, PortB]),
    Pair.

connect(Port) ->
    {ok, Socket} = gen_tcp:connect({127,0,0,1}, Port, [binary, {active,false}]),
    Socket.

loop(L, Pair) ->
    case io:read("") of
        {ok, fresh} -> loop(L, fresh(L));
        {ok, {set, Which, Options}} -> say(inet:setopts(element(Which, Pair), Options)), loop(L, Pair);
        {ok, {get, Which, Names}} -> say(inet:getopts(element(Which, Pair), Names)), loop(L, Pair);
        {ok, {recv, Which}} -> say(gen_tcp:recv(element(Which, Pair), 0, 20000)), loop(L, Pair);
        eof -> ok
    end.

say(Term) -> io:format("~0p~n", [Term]).
