#!/bin/sh
# make_slot.sh FILES SLOT PYTHON: a virtual environment SLOT with the software of the wheelhouse in FILES, no network.
set -eu
files=$1 slot=$2 python=$3
rm -rf "$slot"
"$python" -m venv --without-pip "$slot"
# pip runs from its own wheel: Debian's Python brings none.
PYTHONPATH="$(ls "$files"/wheelhouse/pip-*.whl)${PYTHONPATH:+:$PYTHONPATH}" "$slot/bin/python" -m pip install --quiet \
    --disable-pip-version-check --no-cache-dir --no-index -f "$files/wheelhouse" --no-compile "swapstation==$(cat "$files/VERSION")"
"$slot/bin/python" -m compileall -q -j 2 "$slot/lib" >/dev/null || true
cp -r "$files/share" "$slot/share"
