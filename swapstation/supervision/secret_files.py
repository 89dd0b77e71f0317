"""The secrets of both directions, from a file that only its owner can read."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from swapstation.config.reading import Reader, Wrong, located, parsed, read_text
from swapstation.config.rule_kinds import Allowed, Rule, Text
from swapstation.errors import ConfigurationError
from swapstation.supervision.envelope import Secrets

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY = Text(r"[\x21-\x7e]{16}", "应为 16 个字符 (原样作为字节)", "must be 16 characters, used as bytes as they stand")
_SECRETS: Mapping[str, Rule] = {
    "operator_id": Text(r"[0-9A-Z]{9}", "应为 9 位组织机构代码", "must be 9 characters, 0-9 and A-Z"),
    "operator_secret": Text(r"[\x21-\x7e]{1,200}", "应为 1 到 200 个字符", "must be 1 to 200 characters"),
    "data_secret": _KEY,
    "data_secret_iv": _KEY,
    "sig_secret": Text(r"[\x21-\x7e]{16,64}", "应为 16 到 64 个字符", "must be 16 to 64 characters"),
}


@dataclass(frozen=True, slots=True)
class SecretPair:
    """`by_platform`: the platform issued them for our calls. `by_us`: we issued them for the platform's calls."""

    by_platform: Secrets
    by_us: Secrets


def load_secrets(path: Path) -> SecretPair:
    """Read tables [by_platform] and [by_us]. Raises ConfigurationError, also when others could read the file."""
    _check_mode(path)
    raw, reader = parsed(path, read_text(path)), Reader()
    known = ("by_platform", "by_us")
    reader.mistakes += [
        Wrong(
            (key,),
            None,
            Allowed("没有这一项, 可用的有 by_platform, by_us", "no such key, there are by_platform, by_us"),
        )
        for key in raw.keys() - set(known)
    ]
    read = []
    for name in known:
        table = raw.get(name)
        if isinstance(table, dict):
            read.append(reader.part(table, (name,), Secrets, _SECRETS))
        else:
            reader.mistakes.append(Wrong((name,), None, Allowed(f"缺少表 [{name}]", f"the table [{name}] is missing")))
    if reader.mistakes:
        raise ConfigurationError(located(path, [_without_value(wrong) for wrong in reader.mistakes]))
    by_platform, by_us = read
    assert by_platform is not None
    assert by_us is not None
    return SecretPair(by_platform, by_us)


def _check_mode(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigurationError([f"{path}:1: 打不开文件 | cannot open the file: {error.strerror}"]) from error
    if mode & _OTHERS:
        has = f"{stat.S_IMODE(mode):04o}"
        zh = f"权限 {has}: 密钥文件只能由所有者读取, 请执行 chmod 600"
        en = f"mode {has}: only its owner may read a file of secrets, run chmod 600 on it"
        raise ConfigurationError([f"{path}:1: {zh} | {en}"])


def _without_value(wrong: Wrong) -> Wrong:
    """A wrong secret is not printed."""
    return Wrong(wrong.path, None, wrong.allowed)
