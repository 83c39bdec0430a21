#!/usr/bin/env escript
%% A node with one socket of each kind that inet:i() tells apart. Prints its process id, what inet:i() prints
%% and a line with a full stop; then keeps the sockets until its standard input closes.
%%
%% To be run inside `make_sockets mixed`, whose neighbour 10.77.0.99 never answers. No process waits in
%% accept, since only the node itself can know that.
-mode(compile).

main(_) ->
    Lo4 = {127,0,0,1}, Lo6 = {0,0,0,0,0,0,0,1},
    L4 = listen(60001, [{ip, Lo4}]),
    L6 = listen(60002, [inet6, {ip, Lo6}]),
    Any = [listen(8080, []), listen(60003, [inet6]), listen(443, [{ip, {127,0,0,2}}])],
    Pairs = [traffic(connected(L4, Lo4, 60001, [])),
             traffic(connected(L6, Lo6, 60002, [inet6])),
             traffic(connected(L4, Lo4, 60001, [{ip, {127,0,0,3}}])),
             unread(traffic(connected(L4, Lo4, 60001, []))),
             connected(L4, Lo4, 60001, []),
             half_closed(traffic(connected(L4, Lo4, 60001, [])))],
    spawn(fun() -> gen_tcp:connect({10,77,0,99}, 443, []) end),
    Datagrams = [udp(60004, []), udp(60005, [inet6]), udp(53, [{ip, {127,0,0,2}}]),
                 udp(60006, [inet6, {ip, Lo6}]), udp_connected(Lo4)],
    timer:sleep(200),
    io:format("~s~n", [os:getpid()]),
    inet:i(),
    io:format(".~n"),
    io:get_line(""),
    {Any, Pairs, Datagrams}.

%% exit_on_close is off so that a connection outlives its peer's FIN.
listen(Port, Options) ->
    {ok, Socket} = gen_tcp:listen(Port, [binary, {active, false}, {exit_on_close, false} | Options]),
    Socket.

connected(Listener, Address, Port, Options) ->
    Passive = [binary, {active, false}, {exit_on_close, false} | Options],
    {ok, Client} = gen_tcp:connect(Address, Port, Passive),
    {ok, Server} = gen_tcp:accept(Listener),
    {Client, Server}.

traffic({Client, Server} = Pair) ->
    send(Client, Server, 105), send(Server, Client, 20000), Pair.

send(From, To, Count) ->
    ok = gen_tcp:send(From, binary:copy(<<"x">>, Count)),
    {ok, _} = gen_tcp:recv(To, Count, 1000).

unread({Client, _} = Pair) -> ok = gen_tcp:send(Client, <<"unread">>), Pair.

%% The server has read the client's FIN.
half_closed({Client, Server} = Pair) ->
    ok = gen_tcp:shutdown(Client, write),
    {error, closed} = gen_tcp:recv(Server, 0, 1000),
    Pair.

udp(Port, Options) ->
    {ok, Socket} = gen_udp:open(Port, [binary, {active, false} | Options]),
    Socket.

udp_connected(Address) ->
    Server = udp(60007, [{ip, Address}]), Client = udp(60008, [{ip, Address}]),
    ok = gen_udp:connect(Client, Address, 60007),
    ok = gen_udp:send(Client, <<"datagram">>),
    {ok, _} = gen_udp:recv(Server, 0, 1000),
    {Client, Server}.
