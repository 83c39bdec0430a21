#!/usr/bin/env bash
# Checks that every command, flag and field of INETCTL occurs in its help, its manual page and its completions,
# and that the manual page is sound. usage: generated.sh INETCTL
set -euo pipefail
export LC_ALL=C.UTF-8
inetctl=$(realpath "${1:?usage: generated.sh INETCTL}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failures=0
fail() {
  printf 'FAIL %s\n' "$1"
  failures=$((failures + 1))
}
# The words of files, each once: a grep for each of some thousand words takes minutes.
declare -A words
learn() {
  local file word
  for file; do
    while read -r word; do words["$file $word"]=; done < <(tr -cs 'A-Za-z0-9_-' '\n' <"$file" | sort -u)
  done
}
# occurs WORD FILE...: as a whole word in each.
occurs() {
  local word=$1 file
  shift
  for file; do [[ -v words["$file $word"] ]] || fail "${file##*/} lacks $word"; done
}

"$inetctl" generate man >"$work/inetctl.1"
for shell in bash zsh fish; do "$inetctl" generate completion "$shell" >"$work/$shell"; done
# roff writes the dashes of flags as a macro and quotes the names of fields.
sed -E 's/^\.It( Fl [^ ]+ ,)? Fl -/.It --/; s/Fl -/--/g; s/\\&//g' "$work/inetctl.1" >"$work/man"
# fish writes flags without their dashes.
sed -E 's/ -l / --/g; s/ -s / -/g' "$work/fish" >"$work/fish_dashed"
learn "$work"/{man,bash,zsh,fish,fish_dashed}

"$inetctl" help >"$work/help"
mapfile -t commands < <(sed -nE '/^Commands:/,/^$/s/^  ([a-z-]+) .*/\1/p' "$work/help")
((${#commands[@]} >= 4)) || fail "only ${#commands[@]} commands found in the help"

flags=0 fields=0
for command in "${commands[@]}"; do
  occurs "$command" "$work/man" "$work/bash" "$work/zsh" "$work/fish"
  "$inetctl" "$command" --help >"$work/usage"
  longest=$(wc -L <"$work/usage")
  ((longest <= 80)) || fail "$command --help is $longest columns wide"
  while read -r flag; do
    flags=$((flags + 1))
    occurs "$flag" "$work/man" "$work/bash" "$work/zsh" "$work/fish_dashed"
  done < <(grep -oE '^  (-.|   ),? --[a-z0-9-]+' "$work/usage" | grep -oE -- '--[a-z0-9-]+')
  "$inetctl" "$command" --fields help --format csv --no-header >"$work/fields" 2>/dev/null || continue
  while IFS=, read -r key _; do
    fields=$((fields + 1))
    # Of a field inside a list only its own name stands in the manual page.
    if [[ $key == *.* ]]; then
      occurs "${key#*.}" "$work/man"
    else
      occurs "$key" "$work/man" "$work/bash" "$work/zsh" "$work/fish"
    fi
  done < <(tr -d '"\r' <"$work/fields")
done
((flags >= 20)) || fail "only $flags flags found"
((fields >= 100)) || fail "only $fields fields found"

if command -v mandoc >/dev/null; then
  mandoc -Tlint -W warning "$work/inetctl.1" || fail 'the manual page has faults'
  # What a reader sees: no marker and no macro is left over.
  mandoc -Tutf8 "$work/inetctl.1" | col -b >"$work/page"
  ! grep -nE '@[A-Z_]+@|^\s*\.[A-Z][a-z] ' "$work/page" || fail 'the manual page shows its own source'
else
  echo 'SKIP mandoc: not installed'
fi
! grep -nE '@[A-Z_]+@' "$work/bash" "$work/zsh" "$work/fish" || fail 'a completion has a marker left'

printf '%d commands, %d flags, %d fields\n' "${#commands[@]}" "$flags" "$fields"
exit $((failures > 0))
