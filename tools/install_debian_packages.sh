#!/bin/sh
# Install the Debian packages that some tests use, or name the command; without them those tests are skipped.
set -eu

wanted="chromium gcc libc6-dev make fonts-noto-cjk mbpoll postgresql socat"

missing=""
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

install="apt-get update && apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null && DEBIAN_FRONTEND=noninteractive sh -c "$install"; then
    exit 0
fi
echo "Some tests will be skipped. To run them all, install what they use:" >&2
echo "  sudo sh -c '$install'" >&2
