#!/usr/bin/env bash
# Proves that nothing of ours runs before main: an object built at start costs every run of the program, whatever it
# was asked. CLI11's own are the only ones. usage: startup.sh LIBRARY...
set -euo pipefail
found=$(nm -A "${@:?usage: startup.sh LIBRARY...}" 2>/dev/null | grep '_GLOBAL__sub_I_' || true)
ours=$(grep -v ':cli\.cc\.o:' <<<"$found" || true)
[[ -z $ours ]] || { printf 'built before main:\n%s\n' "$ours"; exit 1; }
# A proof that could not fail would prove nothing.
[[ -n $found ]] || { echo "not even CLI11's: are these the libraries?"; exit 1; }
