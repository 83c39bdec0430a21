#!/usr/bin/env escript
%% Lays `inetctl parse --format erlang` beside the inet module of this Erlang, on random texts and tuples.
%%
%%   addresses.escript INETCTL [SEED [COUNT]]
%%
%% The texts are nearly addresses: what the six parsers say must be the very same term. The tuples are nearly tuples of
%% addresses: ntoa, ipv4_mapped_ipv6_address and the questions whether one is an address.

-mode(compile).

main([Program]) -> main([Program, "1"]);
main([Program, Seed]) -> main([Program, Seed, "20000"]);
main([Program, Seed, Count]) ->
  rand:seed(exsss, list_to_integer(Seed)),
  N = list_to_integer(Count),
  Texts = [text() || _ <- lists:seq(1, N)],
  Tuples = [tuple() || _ <- lists:seq(1, N div 4)],
  Wrong = lists:append(
            [differences(Program, F, [{T, T} || T <- Texts])
             || F <- [parse_address, parse_strict_address, parse_ipv4_address, parse_ipv4strict_address,
                      parse_ipv6_address, parse_ipv6strict_address]]
            ++ [differences(Program, F, [{T, io_lib:format("~w", [T])} || T <- Tuples])
                || F <- [ntoa, ipv4_mapped_ipv6_address, is_ip_address, is_ipv4_address, is_ipv6_address],
                   erlang:function_exported(inet, F, 1)]),
  lists:foreach(fun(W) -> io:format("~ts~n", [W]) end, lists:sublist(Wrong, 20)),
  Read = length([T || T <- Texts, element(1, inet:parse_address(T)) =:= ok]),
  io:format("addresses: ~w texts (~w of them addresses) and ~w tuples, ~w differences from Erlang ~s~n",
            [N, Read, N div 4, length(Wrong), erlang:system_info(otp_release)]),
  halt(case Wrong of [] -> 0; _ -> 1 end).

%% Where the program's answer about the text is not what inet's function makes of the argument.
differences(Program, Function, Cases) ->
  Answers = answers(Program, Function, [Text || {_, Text} <- Cases]),
  length(Answers) =:= length(Cases) orelse exit({Function, length(Answers), length(Cases)}),
  [io_lib:format("~s(~0p): Erlang ~s, inetctl ~s", [Function, Argument, Erlang, Ours])
   || {{Argument, _}, Ours} <- lists:zip(Cases, Answers),
      Erlang <- [erlang_answer(Function, Argument)], Erlang =/= Ours].

%% What cannot be mapped makes inet fail, or where an element is negative, answer with numbers that are no address;
%% a program says that it is none.
erlang_answer(ipv4_mapped_ipv6_address, Argument) when is_tuple(Argument) ->
  case lists:any(fun(E) -> is_integer(E) andalso E < 0 end, tuple_to_list(Argument)) of
    true -> <<"{error,einval}">>;
    false -> erlang_said(ipv4_mapped_ipv6_address, Argument)
  end;
erlang_answer(Function, Argument) -> erlang_said(Function, Argument).

erlang_said(Function, Argument) ->
  Answer = try inet:Function(Argument)
           catch error:function_clause -> {error, einval}
           end,
  list_to_binary(io_lib:format("~0p", [Answer])).

answers(Program, Function, Texts) ->
  Name = filename:join(os:getenv("TMPDIR", "/tmp"), "inetctl-addresses-" ++ os:getpid()),
  ok = file:write_file(Name, [[T, 0] || T <- Texts]),
  Port = open_port({spawn_executable, "/bin/sh"},
                   [{args, ["-c", "exec \"$0\" parse --fn \"$2\" -0 --format erlang - <\"$1\" 2>/dev/null",
                            Program, Name, atom_to_list(Function)]}, binary, exit_status]),
  Lines = binary:split(received(Port, []), <<"\n">>, [global, trim]),
  ok = file:delete(Name),
  Lines.

received(Port, Pieces) ->
  receive
    {Port, {data, Piece}} -> received(Port, [Piece | Pieces]);
    {Port, {exit_status, Status}} when Status =< 1 -> iolist_to_binary(lists:reverse(Pieces))
  end.

%% A text is a list of bytes, none of them 0.
text() ->
  Text = lists:append(case rand:uniform(3) of
                        1 -> join(".", [field() || _ <- lists:seq(1, one_of([1, 2, 3, 4, 4, 4, 5]))]);
                        2 -> join(":", [group() || _ <- lists:seq(1, one_of([1, 3, 5, 7, 8, 8, 9]))])
                               ++ [one_of(["", "", ":1.2.3.4", "%eth0", "%012", "%", "%0x1", "%065536"])];
                        3 -> [one_of(["fe80::1", "ff02::1", "::", "fe80:", "::1", "1::", "::ffff:", "FE80:0::1"]),
                              one_of(["", "%", "%1", "%01", "%00065535", "1.2.3.4", "+1.2.3.4", "1.+2.3.4", "%\200", ":1"])]
                      end),
  case rand:uniform(3) of
    1 -> mistaken(Text);
    _ -> Text
  end.

join(Separator, Pieces) -> lists:join(Separator, Pieces).

one_of(List) -> lists:nth(rand:uniform(length(List)), List).

field() ->
  Value = one_of([0, 1, 7, 8, 255, 256, 65535, 65536, 16777215, 16777216, 4294967295, 4294967296, rand:uniform(255)]),
  one_of(["", "", "", "", "+", "-", "0", "000", "0x", "0X", "0x00", "0x+"]) ++
    integer_to_list(Value, one_of([10, 10, 10, 8, 16])).

group() ->
  (one_of([fun() -> "" end, fun() -> "0" end, fun() -> one_of(["fe80", "ffff", "FF02", "0000", "12345", "1.2.3.4"]) end,
          fun() -> integer_to_list(rand:uniform(65536) - 1, 16) end]))().

mistaken(Text) ->
  At = rand:uniform(length(Text) + 1) - 1,
  {Before, After} = lists:split(At, Text),
  More = [".", ":", "%", "+", "-", "0", "x", "g", " ", "\n", "\r", "\t", "\377", "\303\251", "_", "e", "#", "1"],
  case {rand:uniform(2), After} of
    {1, [_ | Rest]} -> Before ++ Rest;
    _ -> Before ++ one_of(More) ++ After
  end.

tuple() ->
  Size = one_of([4, 4, 4, 8, 8, 8, 8, 0, 1, 3, 5, 7, 9]),
  list_to_tuple([element_of(Size) || _ <- lists:seq(1, Size)]).

element_of(Size) ->
  one_of([0, 0, 0, 1, 255, case Size of 4 -> rand:uniform(256) - 1; _ -> rand:uniform(65536) - 1 end,
          one_of([0, 16#fe80, 16#ff02, 65535, 255, 0, 12]),
          case rand:uniform(30) of 1 -> one_of([-1, 256, 65536, a, 1.0, "1", [], 1 bsl 70, <<1>>]); _ -> 0 end]).
