#!/usr/bin/env bash
# Proves the dependency rule on the sources in DIRECTORY: cmd -> core <- platform, one file for each heavy header,
# decoders that compile on every system. usage: layers.sh DIRECTORY
set -euo pipefail
export LC_ALL=C
cd "${1:?usage: layers.sh DIRECTORY}"

failures=0
fail() {
  printf '%s\n' "$1" "$2" | sed '2,$s/^/  /'
  failures=$((failures + 1))
}

# files PATH-REGEX: the sources whose path matches.
files() { find core platform cmd -name '*.h' -o -name '*.cc' | sort | grep -E "$1" || true; }

# code FILE...: "file:line:text" without comments.
code() { grep -HnE '' "$@" | sed -E 's@(^[^:]*:[0-9]+:[[:space:]]*)//.*@\1@; s@[[:space:]]//[[:space:]].*@@'; }

includes() { code "$@" | sed -nE 's@^([^:]*:[0-9]+):[[:space:]]*#[[:space:]]*include[[:space:]]*(["<][^">]*[">]).*@\1 \2@p'; }

# includes_only RULE ALLOWED FILE...: every include is one of ALLOWED. A rule about no file proves nothing.
includes_only() {
  local rule=$1 allowed=$2 found
  shift 2
  (($#)) || { fail "$rule" 'no such files: has the layout changed?'; return; }
  found=$(includes "$@" | grep -vE " ($allowed)\$" || true)
  [[ -z $found ]] || fail "$rule" "$found"
}

# never RULE PATTERN FILE...: no code matches.
never() {
  local rule=$1 pattern=$2 found
  shift 2
  (($#)) || { fail "$rule" 'no such files: has the layout changed?'; return; }
  found=$(code "$@" | grep -E ":[0-9]+:.*($pattern)" || true)
  [[ -z $found ]] || fail "$rule" "$found"
}

# in_one_file RULE HEADER FILE...: this costly header is read once in a build, not in each file.
in_one_file() {
  local rule=$1 header=$2 found
  shift 2
  found=$(includes "$@" | grep -E " $header\$" || true)
  (($(cut -d: -f1 <<<"$found" | sort -u | wc -l) <= 1)) || fail "$rule" "$found"
}

[[ -e cmd/main.cc ]] || { echo 'no cmd/main.cc: has the layout changed?'; exit 1; }
standard='<[a-z_0-9]+>' # C++'s own headers have neither a dot nor a directory
expected='<tl/expected\.hpp>'

mapfile -t all < <(files '')
# Functions for one processor, chosen when the program runs, need its intrinsics, and one file the parser of JSON;
# nothing else in core may.
mapfile -t core < <(files '^core/' | grep -vE '_simd\.cc$|/json\.cc$')
mapfile -t json < <(files '^core/json\.cc$')
mapfile -t simd < <(files '^core/.*_simd\.cc$')
mapfile -t platform < <(files '^platform/')
mapfile -t commands < <(files '^cmd/' | grep -v '^cmd/main\.cc$')

# Calls need their system; all the rest of platform, decoders above all, compiles and is tested on every one.
calls_path='^platform/(posix/|[a-z]+/live_)'
mapfile -t calls < <(files "$calls_path" | grep -v '\.h$')
mapfile -t portable < <(files '^platform/' | grep -vE "$calls_path.*\.cc\$")

includes_only 'core knows the standard library and itself, no system and no other library' \
  "$standard|$expected|\"core/[^\"]+\"" "${core[@]}"
includes_only 'core/*_simd.cc knows its processor besides' "$standard|<(immintrin|cpuid)\.h>|\"core/[^\"]+\"" "${simd[@]}"
includes_only 'core/json.cc knows the parser of JSON besides' "$standard|<nlohmann/[^>]+>|\"core/[^\"]+\"" "${json[@]}"
includes_only 'calls know their system and core, not the commands' \
  "<[^>]+>|\"(core|platform)/[^\"]+\"" "${calls[@]}"
includes_only 'platform but for its calls (posix/*.cc, live_*.cc) includes no header of a system' \
  "$standard|$expected|\"(core|platform)/[^\"]+\"" "${portable[@]}"
includes_only 'commands know core, not the platforms or the system' \
  "$standard|$expected|<CLI/CLI\.hpp>|\"(core|cmd)/[^\"]+\"" "${commands[@]}"
includes_only 'cmd/main.cc knows platform by platform/platform.h alone' \
  "<[^>]+>|\"(core|cmd)/[^\"]+\"|\"platform/platform\.h\"" cmd/main.cc

never 'no system is told apart outside platform' \
  '#[[:space:]]*(if|elif|ifdef|ifndef).*(__linux__|__unix__|_WIN32|__APPLE__|__FreeBSD__|__has_include)' \
  "${core[@]}" "${json[@]}" "${simd[@]}" "${commands[@]}" cmd/main.cc
prints='std::(cout|cerr|clog)|\<(std(out|err)|printf|puts|putchar|perror|err|errx|warn|warnx)\>[[:space:]]*[(,)]'
exits='\<(exit|_exit|_Exit|quick_exit|abort|terminate)[[:space:]]*\('
never 'only the program prints and exits; core and platform return values' "$prints|$exits" \
  "${core[@]}" "${json[@]}" "${simd[@]}" "${platform[@]}"
never 'only cmd/main.cc ends the process' "$exits" "${commands[@]}"

found=$(includes "${all[@]}" | grep -E ' <iostream>$' || true)
[[ -z $found ]] || fail 'the standard streams are constructed at each start where <iostream> is read' "$found"

in_one_file 'CLI11 is included by one file' '<CLI/[^>]+>' "${all[@]}"
in_one_file 'nlohmann/json is included by one file' '<nlohmann/[^>]+>' "${all[@]}"

((failures == 0)) || exit 1
printf 'the layers hold in %d files\n' "${#all[@]}"
