#!/usr/bin/env bash
# What inetctl says and answers when the system refuses it something: the exit status and one clear line.
#
#   make_sockets hostile -- adverse.sh INETCTL
#
# Exits 0 when all is as expected, 1 when not, 77 where the tools or the rights for it are missing.
set -uo pipefail

if [[ $# -ne 1 ]]; then
  echo "usage: make_sockets hostile -- adverse.sh INETCTL" >&2
  exit 2
fi
for tool in unshare setpriv mount; do
  command -v "$tool" >/dev/null || { echo "adverse: skipped: no $tool (Debian: util-linux, mount)"; exit 77; }
done
if ((EUID)); then
  echo "adverse: skipped: only root can take things away"
  exit 77
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chmod 755 "$scratch"
# Others must be able to run it, wherever it was built.
install -m 755 "$1" "$scratch/inetctl"
inetctl=$scratch/inetctl
failures=0

# expect NAME STATUS PATTERN: of the run before, by its status and its standard error ("" = silent).
expect() {
  local name=$1 status=$2 pattern=$3 said
  said=$(<"$scratch/err")
  if [[ $got -ne $status ]]; then
    printf 'adverse: %s: status %s, not %s\n%s\n' "$name" "$got" "$status" "$said"
  elif [[ -z $pattern && -n $said ]]; then
    printf 'adverse: %s: should be silent, said: %s\n' "$name" "$said"
  elif [[ ! $said =~ $pattern ]]; then
    printf 'adverse: %s: said "%s", not "%s"\n' "$name" "$said" "$pattern"
  elif [[ -n $said && $(wc -l <"$scratch/err") -ne 1 ]]; then
    printf 'adverse: %s: more than one line: %s\n' "$name" "$said"
  else
    printf 'ok: %s\n' "$name"
    return
  fi
  failures=$((failures + 1))
}

# run COMMAND...: keeps its output, its standard error and its status.
run() {
  "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
  got=$?
}

run "$inetctl" i -t
expect 'all is well' 0 ''
rows=$(wc -l <"$scratch/out")

run setpriv --reuid 65534 --regid 65534 --clear-groups "$inetctl" i -t
expect 'an ordinary user' 0 '^inetctl: note: owner unknown for [0-9]+ of [0-9]+ sockets: the descriptors of [0-9]+ processes could not be read; root may see more$'
[[ $(wc -l <"$scratch/out") -eq $rows ]] || { echo 'adverse: an ordinary user sees fewer rows'; failures=$((failures + 1)); }

run setpriv --reuid 65534 --regid 65534 --clear-groups "$inetctl" i -t --strict
expect 'an ordinary user, strictly' 3 'owner unknown'

run setpriv --reuid 65534 --regid 65534 --clear-groups "$inetctl" i --pid 1
expect "another user's process" 4 '^inetctl: list descriptors of process 1: not permitted$'

# A sanitizer's own runtime needs /proc and descriptors.
sanitized=0
grep -q __asan_init "$inetctl" && sanitized=1

if ((!sanitized)); then
  # shellcheck disable=SC2016 # the inner shell expands it
  run unshare -m sh -c 'mount -t tmpfs none /proc && exec "$@"' sh "$inetctl" i -t
  expect 'an empty /proc' 0 '^inetctl: note: owner unknown for ([0-9]+) of \1 sockets: no visible process holds them$'
fi

# Enough for the loader and /proc, not for netlink; what a test runner left open does not count.
if ((!sanitized)); then
  # shellcheck disable=SC2016 # the inner shell expands it
  run bash -c 'exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit -n 4; exec "$@"' bash "$inetctl" i -t --fields state
  expect 'no descriptor left' 4 '^inetctl: open sock_diag socket: Too many open files \(EMFILE\)$'
fi

for fd in 0 1 2; do
  case $fd in
    0) "$inetctl" i -t <&- >"$scratch/out" 2>"$scratch/err"; got=$?; expect 'closed standard input' 0 '' ;;
    1) "$inetctl" i -t >&- 2>"$scratch/err"; got=$?; expect 'closed standard output' 4 '^inetctl: write standard output: Bad file descriptor' ;;
    2) "$inetctl" i -t 2>&- >"$scratch/out"; got=$?; : >"$scratch/err"; expect 'closed standard error' 0 '' ;;
  esac
done

for format in table json ndjson csv erlang; do
  "$inetctl" i --format "$format" >/dev/full 2>"$scratch/err"; got=$?
  expect "a full disk, $format" 4 '^inetctl: write standard output: No space left on device'
done

# The reader goes away before the end: no error, and no death by a signal.
for words in '--ndjson --fields all' '--format csv' ''; do
  # shellcheck disable=SC2086 # several words
  { "$inetctl" i $words 2>"$scratch/err"; echo $? >"$scratch/status"; } | true
  got=$(<"$scratch/status")
  expect "a reader that is gone (${words:-table})" 0 ''
done

run "$inetctl" i --from "$scratch/nothing"
expect 'a recording that is not there' 4 "^inetctl: read $scratch/nothing: "
: >"$scratch/empty"
run "$inetctl" i --from "$scratch/empty"
expect 'an empty recording' 4 "^inetctl: read $scratch/empty: "
head -c 3000 /dev/urandom >"$scratch/noise"
run "$inetctl" i --from "$scratch/noise"
expect 'noise for a recording' 4 'at byte 0: this is no inetctl recording of version 1$'
run "$inetctl" record "$scratch"
expect 'recording to a directory' 4 "^inetctl: write $scratch: "
run "$inetctl" record /dev/full
expect 'recording to a full disk' 4 '^inetctl: write /dev/full: '
run "$inetctl" record "$scratch/recording"
expect 'recording' 0 ''
head -c -20 "$scratch/recording" >"$scratch/cut"
run "$inetctl" i --from "$scratch/cut"
expect 'a recording that was cut' 4 "^inetctl: read $scratch/cut: at byte [0-9]+: the file is cut short$"

if ((failures)); then
  echo "adverse: $failures failed"
  exit 1
fi
