#!/usr/bin/env bash
# Runs terms.escript, where there is an Erlang. usage: terms.sh READ_TERMS [SEED [COUNT]]
set -euo pipefail

if ! command -v escript >/dev/null; then
  echo "terms: skipped: no escript (Debian: erlang-base)"
  exit 77
fi
exec escript "${BASH_SOURCE[0]%.sh}.escript" "$@"
