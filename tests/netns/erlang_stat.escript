#!/usr/bin/env escript
%% A node with sockets of known traffic. Prints its process id and, when it is told a line, moves data; then for each
%% socket "NAME LOCAL-PORT KEY VALUE …", what inet:getstat/1 says. Ends with the next line.
-mode(compile).

main(_) ->
    Lo = {127,0,0,1},
    rand:seed(exsss, {2026, 11, 23}),
    {ok, R} = gen_udp:open(0, [binary, {active,false}, {recbuf,4000000}, {buffer,70000}, {ip,Lo}]),
    {ok, S} = gen_udp:open(0, [binary, {active,false}, {sndbuf,200000}, {ip,Lo}]),
    Pairs = [{Packet, pair(Lo, Packet)} || Packet <- [raw, 4]],
    io:format("~s~n", [os:getpid()]),
    io:get_line(""),
    [datagram(S, R, Lo, Size) || Size <- [0, 1, 100, 200, 65000 | random(500, 9000)]],
    [[message(C, A, Packet, Size) || Size <- [1, 10, 1000 | random(500, 1400)]] || {Packet, {C, A}} <- Pairs],
    report("udp-sender", S),
    report("udp-receiver", R),
    [begin report(io_lib:format("tcp-~p-sender", [P]), C), report(io_lib:format("tcp-~p-receiver", [P]), A) end
     || {P, {C, A}} <- Pairs],
    io:format(".~n"),
    io:get_line("").

random(Count, Most) -> [rand:uniform(Most) || _ <- lists:seq(1, Count)].

pair(Lo, Packet) ->
    Options = [binary, {active,false}, {packet,Packet}, {nodelay,true}],
    {ok, L} = gen_tcp:listen(0, [{ip,Lo} | Options]),
    {ok, Port} = inet:port(L),
    {ok, C} = gen_tcp:connect(Lo, Port, Options),
    {ok, A} = gen_tcp:accept(L),
    {C, A}.

datagram(S, R, Lo, Size) ->
    {ok, Port} = inet:port(R),
    ok = gen_udp:send(S, Lo, Port, binary:copy(<<"x">>, Size)),
    {ok, {_, _, Data}} = gen_udp:recv(R, 0, 5000),
    Size = byte_size(Data).

message(C, A, Packet, Size) ->
    ok = gen_tcp:send(C, binary:copy(<<"x">>, Size)),
    {ok, Data} = gen_tcp:recv(A, case Packet of raw -> Size; _ -> 0 end, 5000),
    Size = byte_size(Data).

report(Name, Socket) ->
    {ok, Port} = inet:port(Socket),
    {ok, Figures} = inet:getstat(Socket),
    io:format("~s ~p~s~n", [Name, Port, [io_lib:format(" ~p ~p", [K, V]) || {K, V} <- Figures]]).
