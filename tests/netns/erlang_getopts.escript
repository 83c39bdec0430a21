#!/usr/bin/env escript
%% A node with sockets whose options it has set. Prints its process id, then for each socket and option what
%% inet:getopts/2 reports: "PROTOCOL LOCAL-PORT FOREIGN-PORT OPTION VALUE"; a full stop; and, when its first connection
%% ends, what it got of it. Ends with its standard input.
-mode(compile).

main(_) ->
    Lo = {127,0,0,1}, Lo6 = {0,0,0,0,0,0,0,1},
    Tuned = [{nodelay,true}, {keepalive,true}, {linger,{true,5}}, {tos,16}, {ttl,33}, {priority,3},
             {sndbuf,50000}, {recbuf,60000}],
    L = listen([{ip,Lo}, {reuseaddr,true}, {backlog,7}]),
    L6 = listen([inet6, {ip,Lo6}, {reuseaddr,true}]),
    {ok, C} = gen_tcp:connect(Lo, port(L), [binary, {active,false} | Tuned]),
    ok = inet:setopts(C, [{dontroute,true}]),
    {ok, S} = gen_tcp:accept(L),
    {ok, C6} = gen_tcp:connect(Lo6, port(L6), [binary, inet6, {active,false}, {tclass,32}, {nodelay,true}]),
    {ok, S6} = gen_tcp:accept(L6),
    {ok, U} = gen_udp:open(0, [binary, {ip,Lo}, {broadcast,true}, {recbuf,20000}, {multicast_ttl,7},
                               {multicast_loop,false}, {recvtos,true}]),
    Tcp = [reuseaddr, keepalive, dontroute, linger, sndbuf, recbuf, priority, nodelay],
    Udp = [reuseaddr, broadcast, dontroute, sndbuf, recbuf, priority, tos, ttl, multicast_ttl, multicast_loop,
           recvtos, recvttl],
    io:format("~s~n", [os:getpid()]),
    [report("tcp", Socket, Tcp ++ [tos, ttl]) || Socket <- [L, C, S]],
    [report("tcp", Socket, Tcp ++ [tclass, ipv6_v6only]) || Socket <- [L6, C6, S6]],
    report("udp", U, Udp),
    io:format(".~n"),
    io:format("~p~n", [gen_tcp:recv(C, 0, 20000)]),
    io:get_line(""),
    {S, U}.

listen(Options) ->
    {ok, Socket} = gen_tcp:listen(0, [binary, {active,false} | Options]),
    Socket.

port(Socket) -> {ok, Port} = inet:port(Socket), Port.

report(Protocol, Socket, Names) ->
    Foreign = case inet:peername(Socket) of {ok, {_, Port}} -> Port; _ -> 0 end,
    {ok, Values} = inet:getopts(Socket, Names),
    [io:format("~s ~w ~w ~w ~w~n", [Protocol, port(Socket), Foreign, Name, Value]) || {Name, Value} <- Values].
