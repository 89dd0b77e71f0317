#!/bin/sh
# Install swapstation from the files beside this script, without any network. Options: --prefix DIR (default
# /opt/swapstation), --etc DIR (default /etc/swapstation), --no-services: only the program, no user and no units.
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/swapstation etc=/etc/swapstation services=yes
while [ $# -gt 0 ]; do
    case "$1" in
    --prefix) prefix=$2; shift 2 ;;
    --etc) etc=$2; shift 2 ;;
    --no-services) services=no; shift ;;
    *) echo "$1: 未知选项 unknown option; --prefix DIR, --etc DIR, --no-services" >&2; exit 2 ;;
    esac
done
python=${PYTHON:-python3}
wanted=$(cat "$here/PYTHON")
found=$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])' 2>/dev/null || echo none)
[ "$found" = "$wanted" ] || {
    echo "需要 Python $wanted, 现有 $found | needs Python $wanted, this is $found: name one by PYTHON=/path/to/python3" >&2
    exit 2
}
[ ! -e "$prefix/current" ] || {
    echo "$prefix: 已安装, 请用 swapstation update | already installed there: use swapstation update" >&2
    exit 2
}
(cd "$here" && sha256sum --quiet --check SHA256SUMS) || { echo "安装包已损坏 the installer is damaged" >&2; exit 1; }

mkdir -p "$prefix" "$etc"
sh "$here/make_slot.sh" "$here" "$prefix/a" "$python"
ln -s a "$prefix/current"
for each in station.toml inventory.toml; do
    [ -e "$etc/$each" ] || cp "$here/share/$each" "$etc/$each"
done
if [ "$services" = yes ]; then
    [ "$(id -u)" -eq 0 ] || { echo "安装系统服务需要 root (或 --no-services) | services need root, or --no-services" >&2; exit 2; }
    getent passwd swapstation >/dev/null || useradd --system --home-dir /var/lib/swapstation --shell /usr/sbin/nologin swapstation
    install -d -o swapstation -g swapstation -m 0700 /var/lib/swapstation /var/backups/swapstation
    chgrp -R swapstation "$etc"
    for unit in "$here"/share/systemd/*; do
        sed "s|/opt/swapstation/|$prefix/|g; s|/etc/swapstation/|$etc/|g" "$unit" >"/etc/systemd/system/$(basename "$unit")"
    done
    systemctl daemon-reload 2>/dev/null || echo "systemd 未运行 | systemd does not run here: units are copied" >&2
fi
"$prefix/current/bin/swapstation" --version
echo "下一步 next: $etc/station.toml; $prefix/current/bin/swapstation demo; systemctl enable --now swapstation.target"
