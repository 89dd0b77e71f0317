#!/bin/sh
# Check, test and build the operator console. With `compare`: skipped without Node, and the bundle must not change.
set -eu

static=swapstation/server/static
if ! command -v npm >/dev/null; then
    [ "${1:-}" = compare ] && echo "no Node: the committed console is used as it is" && exit 0
    echo "make ui needs Node 20 and npm" >&2
    exit 1
fi

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
cp -R "$static/." "$before"

[ "${1:-}" = compare ] || .venv/bin/python -m tests.ui.openapi_file
cd ops_ui
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --silent
npm run --silent gen:api
npm run --silent check
npm test --silent
npm run --silent build -- --logLevel warn
cd ..
.venv/bin/python tools/ui_stamp.py write

if [ "${1:-}" = compare ] && ! diff -r "$before" "$static"; then
    echo "the committed console was not what its source gives: commit what was built now" >&2
    exit 1
fi
