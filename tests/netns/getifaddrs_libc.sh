#!/usr/bin/env bash
# rtnetlink, getifaddrs(3) and a recording lead to the same list.
#
#   getifaddrs_scene.sh getifaddrs_libc.sh INETCTL PRINT_INTERFACES
set -euo pipefail
if [[ $# -ne 2 ]]; then
  echo "usage: getifaddrs_scene.sh getifaddrs_libc.sh INETCTL PRINT_INTERFACES" >&2
  exit 2
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The kernel adds link-local addresses by itself for a while.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  "$1" getifaddrs --format erlang >"$scratch/rtnetlink"
  "$2" >"$scratch/libc"
  "$1" record "$scratch/recording"
  "$1" getifaddrs --format erlang --from "$scratch/recording" >"$scratch/recorded"
  if cmp -s "$scratch/rtnetlink" "$scratch/libc" && cmp -s "$scratch/rtnetlink" "$scratch/recorded"; then
    echo "getifaddrs: $(wc -l <"$scratch/libc") interfaces, the same by rtnetlink, getifaddrs(3) and a recording"
    exit 0
  fi
  sleep 0.2
done
diff -u "$scratch/libc" "$scratch/rtnetlink" || true
diff -u "$scratch/rtnetlink" "$scratch/recorded" || true
exit 1
