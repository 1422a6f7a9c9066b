#!/bin/sh
# list.sh EXPORT FILE: the folders and files of an unpacked export, each ended by a NUL, into a file.
# Names may have anything in them. Says how many there are.
set -eu
find "$1" -mindepth 1 -maxdepth 1 ! -name '.*' ! -name '__MACOSX' ! -name 'index.html' -print0 | LC_ALL=C sort -z >"$2"
tr -cd '\0' <"$2" | wc -c
