#!/bin/sh
# one.sh LIST NUMBER OUT: grades one submission of a list, counted from 1, into OUT/results/NUMBER.json.
# It is the whole work of one process; LAB is the tool, and ARGS are options for it.
set -eu
path=$(sed -z -n "$2p" "$1" | tr -d '\0')
mkdir -p "$3/results"
# shellcheck disable=SC2086 # several options
exec "${LAB:-target/debug/lab}" grade --one "$path" --out "$3/results/$2.json" ${ARGS:-}
