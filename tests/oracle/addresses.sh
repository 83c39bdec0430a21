#!/usr/bin/env bash
# Runs addresses.escript, where there is an Erlang. usage: addresses.sh INETCTL [SEED [COUNT]]
set -euo pipefail

if ! command -v escript >/dev/null; then
  echo "addresses: skipped: no escript (Debian: erlang-base)"
  exit 77
fi
exec escript "${BASH_SOURCE[0]%.sh}.escript" "$@"
