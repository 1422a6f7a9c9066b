#!/bin/sh
# one.sh EXPORT NUMBER OUT: grades the submission that stands in line NUMBER of OUT/list, counted from 1, into
# OUT/results. It is the whole work of one process; LAB is the tool, and ARGS are options for it.
set -eu
id=$(sed -n "$2p" "$3/list")
if [ -z "$id" ]; then
	echo "$3/list has no line $2: list.sh makes it, before the first process starts" >&2
	exit 2
fi
# shellcheck disable=SC2086 # several options
exec "${LAB:-target/debug/lab}" grade --one "$1" --id "$id" --out "$3/results/$id.json" ${ARGS:-}
