#!/usr/bin/env bash
# Loads the completions of INETCTL into real shells and asks them what they offer after a line.
# usage: completions.sh INETCTL; a shell that is not installed is skipped aloud, status 77 when none is there.
set -euo pipefail
export LC_ALL=C.UTF-8
inetctl=$(realpath "${1:?usage: completions.sh INETCTL}")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch a_file.rec

# Line, a word that must be offered, one that must not ("" = any).
cases=(
  'inetctl |i|--format'
  'inetctl gen|generate|'
  'inetctl i --fo|--format|--fields'
  'inetctl i --fie|--fields|--format'
  'inetctl i --format |ndjson|i'
  'inetctl i --format=|ndjson|i'
  'inetctl i --color a|always|never'
  'inetctl i --fields sta|state|rtt_us'
  'inetctl i --fields port,sta|state|port'
  'inetctl i --fields=+rtt_us,-sta|state|rtt_us'
  'inetctl i --fields he|help|'
  'inetctl i --sort rtt|rtt_us|all'
  'inetctl i |tcp|--format'
  'inetctl i tcp rtt_|rtt_us|tcp'
  'inetctl i state |time_wait|tcp'
  'inetctl i state sync|synchronized|'
  'inetctl i exclude li|listen|tcp'
  'inetctl i protocol = |udp|state'
  'inetctl i --from a_f|a_file.rec|'
  'inetctl record a_f|a_file.rec|'
  'inetctl generate completion f|fish|i'
  'inetctl help rec|record|i'
  'inetctl strerror econnr|econnreset|enoent'
  'inetctl strerror enoent eper|eperm|enoent'
  'inetctl hostname --fields no|nodename|domain'
  'inetctl i -n tc|tcp|'
)

# offered SHELL LINE: what the shell offers for the last word, one candidate a line.
# shellcheck disable=SC2016 # the shells asked expand it
offered() {
  case $1 in
    bash) # readline makes words of its own of the equals signs
      bash --norc -c '
        source "$1"
        read -ra COMP_WORDS <<<"$2"
        [[ $2 != *" " ]] || [[ $3 == *= ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$3 COMP_POINT=${#3}
        _inetctl
        printf "%s\n" "${COMPREPLY[@]}"' - "$work/bash" "${2//=/ = }" "$2"
      ;;
    zsh) "$here/complete.zsh" "$work" "$2" ;;
    fish) fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$work/fish" "$2" | cut -f 1 ;;
  esac | sed 's/ $//'
}

checks_of() {
  case $1 in
    bash) bash -n "$2" ;;
    zsh) zsh -n "$2" ;;
    fish) fish --no-execute "$2" ;;
  esac
}

failures=0 shells=0
for shell in bash zsh fish; do
  if ! command -v "$shell" >/dev/null; then
    printf 'SKIP %s: not installed\n' "$shell"
    continue
  fi
  shells=$((shells + 1))
  "$inetctl" generate completion "$shell" >"$work/$shell"
  checks_of "$shell" "$work/$shell"
  [[ $shell != zsh ]] || mv zsh _inetctl
  for case in "${cases[@]}"; do
    IFS='|' read -r line wanted unwanted <<<"$case"
    found=$(offered "$shell" "$line")
    # A candidate may bring along what stands before it in its word.
    [[ $wanted == --* ]] || found=$(sed -E 's/^--?[a-z]+=//; s/^(.*,)?[-+]?([a-z])/\2/' <<<"$found")
    if ! grep -qxF -e "$wanted" <<<"$found" || { [[ -n $unwanted ]] && grep -qxF -e "$unwanted" <<<"$found"; }; then
      printf 'FAIL %s: after "%s" wanted %s and not "%s", but offered are:\n%s\n' \
        "$shell" "$line" "$wanted" "$unwanted" "$(head -n 20 <<<"$found")"
      failures=$((failures + 1))
    fi
  done
  printf '%s: %d lines asked\n' "$shell" "${#cases[@]}"
done
((shells)) || exit 77
exit $((failures > 0))
