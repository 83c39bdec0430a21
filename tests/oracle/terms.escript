#!/usr/bin/env escript
%%! +pc latin1
%% Lays core's reader and writer of terms beside erl_scan, erl_parse and io_lib of this Erlang.
%%
%%   terms.escript READ_TERMS [SEED [COUNT]]
%%
%% Random terms, printed by Erlang, must be written by core as the very same text, both as ~0p and as ~w. Random texts
%% must be read by both or by neither, as the same term; what core leaves unread on purpose is told by its cause.

-mode(compile).

main([Program]) -> main([Program, "1"]);
main([Program, Seed]) -> main([Program, Seed, "20000"]);
main([Program, Seed, Count]) ->
  rand:seed(exsss, list_to_integer(Seed)),
  N = list_to_integer(Count),
  Terms = [term(4) || _ <- lists:seq(1, N)],
  Texts = [text() || _ <- lists:seq(1, N)],
  Inputs = [utf8(io_lib:format("~0p", [T])) || T <- Terms] ++ Texts,
  Answers = answers(Program, Inputs),
  {Written, Read} = lists:split(N, Answers),
  Wrong = [W || {T, A} <- lists:zip(Terms, Written), W <- written(T, A)]
       ++ [W || {T, A} <- lists:zip(Texts, Read), W <- read(T, A)],
  lists:foreach(fun(W) -> io:format("~ts~n", [W]) end, lists:sublist(Wrong, 20)),
  Both = length([1 || [<<"ok">> | _] <- Read]),
  io:format("terms: ~w terms and ~w texts (~w of them terms), ~w differences from Erlang ~s~n",
            [N, N, Both, length(Wrong), erlang:system_info(otp_release)]),
  halt(case Wrong of [] -> 0; _ -> 1 end).

utf8(Chars) -> unicode:characters_to_binary(Chars).

%% What the program says of each input: a list of columns.
answers(Program, Inputs) ->
  Name = filename:join(os:getenv("TMPDIR", "/tmp"), "inetctl-terms-" ++ os:getpid()),
  ok = file:write_file(Name, [[I, 0] || I <- Inputs]),
  Port = open_port({spawn_executable, "/bin/sh"},
                   [{args, ["-c", "exec \"$0\" <\"$1\"", Program, Name]}, binary, exit_status]),
  Lines = binary:split(received(Port, []), <<"\n">>, [global, trim]),
  ok = file:delete(Name),
  [binary:split(L, <<"\t">>, [global]) || L <- Lines].

received(Port, Pieces) ->
  receive
    {Port, {data, Piece}} -> received(Port, [Piece | Pieces]);
    {Port, {exit_status, 0}} -> iolist_to_binary(lists:reverse(Pieces))
  end.

%% A random term came back: its texts must be Erlang's own.
written(Term, [<<"ok">>, Quoted, Lists]) ->
  differs("~0p", utf8(io_lib:format("~0p", [Term])), Quoted) ++ differs("~w", utf8(io_lib:format("~w", [Term])), Lists);
written(Term, Answer) -> [io_lib:format("not read: ~0p: ~0p", [Term, Answer])].

differs(_, Same, Same) -> [];
differs(How, Erlang, Ours) -> [io_lib:format("~s: Erlang ~ts~n    inetctl ~ts", [How, Erlang, Ours])].

%% A random text was read, or not.
read(Text, [<<"ok">>, Quoted, _]) ->
  case parsed(Text) of
    {ok, Term} -> differs(io_lib:format("text ~0p", [Text]), utf8(io_lib:format("~0p", [Term])), Quoted);
    not_utf8 -> [];  % in a comment, which core skips whatever is in it
    error -> [io_lib:format("Erlang does not read ~0p, inetctl says ~ts", [Text, Quoted])]
  end;
read(Text, [<<"error">>, Cause]) ->
  case parsed(Text) of
    {ok, Term} ->
      case lists:any(fun(Word) -> binary:match(Cause, Word) =/= nomatch end, left_unread()) of
        true -> [];
        false -> [io_lib:format("inetctl does not read ~0p (~0p): ~ts", [Text, Term, Cause])]
      end;
    _ -> []
  end.

%% Causes of what Erlang reads and core leaves.
left_unread() ->
  [<<"above 64 bits">>, <<"tail is no list">>, <<"last byte is not full">>, <<"floats of 64 and of 32">>,
   <<"is too long">>, <<"a control character is">>].

parsed(Text) ->
  case unicode:characters_to_list(Text) of
    Chars when is_list(Chars) -> parsed_chars(Chars);
    _ -> not_utf8
  end.

parsed_chars(Chars) ->
  try
    case erl_scan:string(Chars) of
      {ok, Tokens, End} ->
        Whole = case lists:reverse(Tokens) of
                  [{dot, _} | _] -> Tokens;
                  _ -> Tokens ++ [{dot, End}]
                end,
        {ok, _} = erl_parse:parse_term(Whole);
      _ -> error
    end
  catch
    _:_ -> error
  end.

%% Random terms.
term(0) -> leaf();
term(Depth) ->
  case rand:uniform(8) of
    1 -> list_to_tuple(items(Depth));
    2 -> items(Depth);
    3 -> maps:from_list(lists:zip(items2(Depth), items2(Depth)));
    4 -> [character() || _ <- lists:seq(1, rand:uniform(6))];
    _ -> leaf()
  end.

items(Depth) -> [term(Depth - 1) || _ <- lists:seq(2, rand:uniform(5))].
%% OTP 26 and later print the keys of a map in no order that can be told: there a map has one key.
items2(Depth) ->
  Most = case erlang:system_info(otp_release) of "25" -> 3; _ -> 1 end,
  [term(Depth - 1) || _ <- lists:seq(1, Most)].

leaf() ->
  case rand:uniform(9) of
    1 -> rand:uniform(300) - 150;
    2 -> (rand:uniform(1 bsl 64) - 1 - (1 bsl 63)) bsr (rand:uniform(64) - 1);
    3 -> float_of(rand:uniform(1 bsl 64) - 1);
    4 -> (rand:uniform(200000) - 100000) / math:pow(10, rand:uniform(30) - 15);
    5 -> list_to_atom([character() || _ <- lists:seq(2, rand:uniform(6))]);
    6 -> list_to_atom([lists:nth(rand:uniform(6), "az@_0Z") || _ <- lists:seq(1, rand:uniform(4))]);
    7 -> lists:nth(rand:uniform(8), [true, 'div', 'end', 'receive', maybe_not, 'when', undefined, 'xor']);
    8 -> << <<(rand:uniform(256) - 1)>> || _ <- lists:seq(2, rand:uniform(5)) >>;
    9 -> << <<(lists:nth(rand:uniform(7), "ab\n\"\\ \e"))>> || _ <- lists:seq(2, rand:uniform(5)) >>
  end.

float_of(Bits) ->
  case <<Bits:64>> of
    <<F/float>> -> F;
    _ -> 0.0
  end.

character() ->
  case rand:uniform(6) of
    1 -> rand:uniform(32) - 1;
    2 -> 126 + rand:uniform(130);
    3 -> lists:nth(rand:uniform(4), [16#3042, 16#30a2, 16#1f600, 16#20ac]);
    4 -> lists:nth(rand:uniform(3), "'\"\\");
    _ -> 31 + rand:uniform(95)
  end.

%% Random texts that are often nearly terms.
text() -> iolist_to_binary([lists:nth(rand:uniform(length(pieces())), pieces()) || _ <- lists:seq(1, rand:uniform(9))]).

pieces() ->
  ["{", "}", "{", "}", "[", "]", "<<", ">>", "<<", ">>", "#{", "=>", ",", ",", "|", "(", ")", "\"", "\"", "'", "\\", "$",
   "a", "Ab", "end", "x@_1", "0", "12", "300", "16#", "36#zZ", "1.5", "e3", "e-2", ".5", "-", "+", "_", ":", ":8", ":16",
   "/", "/float", "/utf8", "/utf16-little", "/little", "/big-signed", "/binary", "/bits", "-unit:8", "-unit:3", ":32/native",
   ".", " ", "\n", "%c\n", "% ", "\\x{", "\\x41", "\\x{e9}", "\\^", "\\^a", "\\12", "\\n", "é", "<<1,2>>", "(<<3,4,5>>)",
   "\"ab\"", "'q r'", "#", "==", "..", "--", "&", "1_000", "1__0", "18446744073709551616", "/unit:8", "ÿ", "\t", "Á",
   <<195, 169>>, <<194, 160>>, <<255>>, <<227, 129, 130>>].
