#!/bin/sh
# Make .venv with the pinned packages of constraints.txt. Run from the repository's root, by `make`.
set -eu

serves() {
    "$1" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Debian's own build is optimised by profiles: the twin runs a fifth faster on it than on a plain build of that version.
python=${PYTHON:-/usr/bin/python3}
[ -n "${PYTHON:-}" ] || serves "$python" || python=python3

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
}

if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    install="apt-get update && apt-get install -y --no-install-recommends python3-venv"
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "This Python cannot make virtual environments. Run:" >&2
        echo "  sudo sh -c '$install'" >&2
        exit 1
    fi
    sh -c "$install"
fi

"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
