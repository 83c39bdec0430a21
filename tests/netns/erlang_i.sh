#!/usr/bin/env bash
# Lays `inetctl i --pid PID --format erlang` beside what inet:i() of that very node prints.
#
#   make_sockets mixed SEED -- erlang_i.sh INETCTL
#
# Each socket must have the same module, recv, sent, local and foreign address, state and type; the header
# words, their order and the blank at the end of every line too. Port and owner differ by nature: the node
# numbers its ports and processes itself. Of UDP the kernel keeps no counts, so recv and sent are blank there.
set -euo pipefail

if [[ $# -ne 1 ]]; then
  echo "usage: make_sockets mixed SEED -- erlang_i.sh INETCTL" >&2
  exit 2
fi
inetctl=$1
if ! command -v escript >/dev/null; then
  echo "erlang_i: skipped: no escript (Debian: erlang-base)"
  exit 77
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The rows of a table without port and owner, with tabs between; and faults of the layout, as lines too.
rows() {
  awk '
    function cell(name,   text) {
      text = substr($0, start[name], width[name])
      sub(/ +$/, "", text)
      return text
    }
    /^Port / {
      if (!match($0, /^Port +Module +Recv +Sent +Owner +Local Address +Foreign Address +State +Type +$/)) {
        print "header: " $0
      }
      count = split("Port,Module,Recv,Sent,Owner,Local Address,Foreign Address,State,Type", names, ",")
      for (i = 1; i <= count; i++) start[names[i]] = index($0, names[i])
      for (i = 1; i < count; i++) width[names[i]] = start[names[i + 1]] - start[names[i]]
      width["Type"] = line_length = length($0)
      print ++tables, "table"
      next
    }
    length($0) != line_length || !/ $/ { print "line not padded to the end: " $0 }
    {
      counts = cell("Module") ~ /udp/ ? "\t" : cell("Recv") "\t" cell("Sent")
      print tables "\t" cell("Module") "\t" counts "\t" cell("Local Address") "\t" cell("Foreign Address") \
          "\t" cell("State") "\t" cell("Type")
    }
  ' "$1" | sort
}

coproc node { exec escript "${BASH_SOURCE[0]%.sh}.escript"; }
read -r pid <&"${node[0]}"
while IFS= read -r line <&"${node[0]}" && [[ $line != . ]]; do
  printf '%s\n' "$line"
done >"$scratch/inet_i"
"$inetctl" i --pid "$pid" --format erlang >"$scratch/inetctl_i"
echo >&"${node[1]}"
# shellcheck disable=SC2154  # coproc sets it
wait "$node_PID" || true

if diff -u --label "inet:i()" --label "inetctl i" <(rows "$scratch/inet_i") <(rows "$scratch/inetctl_i"); then
  echo "erlang_i: $(wc -l <"$scratch/inet_i") lines, the same in inet:i() and inetctl"
else
  cat "$scratch/inet_i" "$scratch/inetctl_i"
  exit 1
fi
