#!/bin/sh
# parallel.sh EXPORT OUT: a process for each submission under GNU parallel, one for each processor.
set -eu
here=$(dirname "$0")
mkdir -p "$2"
count=$(sh "$here/list.sh" "$1" "$2/list")
seq "$count" | parallel sh "$here/one.sh" "$2/list" '{}' "$2"
# shellcheck disable=SC2086 # several options
"${LAB:-target/debug/lab}" grade --collect "$2" ${ARGS:-}
