#!/bin/sh
# list.sh EXPORT OUT: whose submissions are in an export, packed or unpacked, into OUT/list: an identity on
# each line, as results are named. Says how many there are. LAB is the tool, and ARGS are options for it.
set -eu
mkdir -p "$2"
# shellcheck disable=SC2086 # several options
"${LAB:-target/debug/lab}" grade --list "$1" ${ARGS:-} >"$2/list"
wc -l <"$2/list"
