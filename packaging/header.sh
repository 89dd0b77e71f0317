#!/bin/sh
# swapstation, self-extracting: sh FILE [--prefix DIR] [--etc DIR] [--no-services]. Needs Python 3.11 and no network.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
tail -n +@LINES@ "$0" | tar -x -C "$place"
sh "$place/install.sh" "$@"
exit 0
