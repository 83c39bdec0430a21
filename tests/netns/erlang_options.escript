#!/usr/bin/env escript
%% What inet:setopts/2 and inet:getopts/2 of a live node say of options: of each {Name,Value} on standard input
%% {Name,Value,Answer,After}, on a fresh listener.
main([]) ->
    read().

read() ->
    case io:read("") of
        eof ->
            ok;
        {ok, {Name, Value}} ->
            {ok, Socket} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
            Answer = case inet:setopts(Socket, [{Name, Value}]) of
                         ok -> ok;
                         {error, Why} -> Why
                     end,
            After = case inet:getopts(Socket, [Name]) of
                        {ok, [{Name, Read}]} -> Read;
                        _ -> none
                    end,
            gen_tcp:close(Socket),
            io:format("~w ~w ~w~n", [Name, Answer, After]),
            read()
    end.
