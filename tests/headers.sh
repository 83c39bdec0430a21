#!/usr/bin/env bash
# Proves that every header compiles by itself, so that no file depends on what its neighbours happened to include.
# A header that is the first include of its own source file is proven by the build.
# usage: headers.sh DIRECTORY [COMPILER]
set -euo pipefail
cd "${1:?usage: headers.sh DIRECTORY [COMPILER]}"
export compiler=${2:-g++}
flags=$(pkg-config --cflags libnl-3.0)
export flags

compile() {
  # shellcheck disable=SC2086 # several flags in one word
  "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -I. $flags -include "$1" -x c++ /dev/null ||
    { printf 'not self-contained: %s\n' "$1" >&2; exit 1; }
}
export -f compile

is_proven() {
  local source=${1%.h}.cc
  [[ -f $source && $(grep --max-count=1 '^#include' "$source") == "#include \"$1\"" ]]
}

mapfile -t headers < <(find core platform cmd tests -name '*.h' | sort |
  while read -r header; do is_proven "$header" || printf '%s\n' "$header"; done)
((${#headers[@]})) || { echo 'no headers found' >&2; exit 1; }
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${headers[@]}" | xargs --null --max-procs=2 --max-args=1 bash -c 'compile "$0"'
printf '%d headers compile alone, and those that begin their source file\n' "${#headers[@]}"
