#!/usr/bin/env bash
# inet:getifaddrs/0,1 of a live Erlang node against `inetctl getifaddrs --format erlang`.
#
#   getifaddrs_scene.sh getifaddrs_erlang.sh INETCTL
set -euo pipefail
if [[ $# -ne 1 ]]; then
  echo "usage: getifaddrs_scene.sh getifaddrs_erlang.sh INETCTL" >&2
  exit 2
fi
if ! command -v escript >/dev/null; then
  echo "getifaddrs: skipped: no escript (Debian: erlang-base)"
  exit 77
fi
compare=${BASH_SOURCE[0]%_erlang.sh}.escript
escript "$compare" "$1"
# And of another namespace, which both have to enter.
ip netns add other
ip -n other link set lo up
escript "$compare" "$1" /run/netns/other
