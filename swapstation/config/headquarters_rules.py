"""What the fields of `[headquarters]` may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from swapstation.config.headquarters_settings import Offline
from swapstation.config.rule_kinds import Allowed, Flag, MapFile, Number, Rule, Text, Word, is_loopback

_URL = Text(
    r"https?://[^\s/?#@]+(/[^\s?#]*)?(?<!/)",
    "应为总部接口地址, 例如 https://总部域名/api, 末尾没有斜线",
    "must be the headquarters' address such as https://DOMAIN/api, without a slash at its end",
)


@dataclass(frozen=True, slots=True)
class SecureUrl:
    """An address over HTTPS; over plain HTTP only on this machine, for the token would be read on the way."""

    def read(self, raw: object) -> object | Allowed:
        url = _URL.read(raw)
        if isinstance(url, str) and url.startswith("http:") and not is_loopback(urlsplit(url).hostname or ""):
            return Allowed("除本机外必须是 https", "must be https, except on this machine")
        return url


HEADQUARTERS: Mapping[str, Rule] = {
    "url": SecureUrl(),
    "station_id": Text(r"[0-9A-Za-z-]{1,40}", "应为 1 到 40 位字母数字", "must be 1 to 40 letters, digits and -"),
    "token": MapFile(),
    "ca_file": MapFile(),
    "offline": Word(Offline),
    "answer_s": Number(0.2, 30.0, "s"),
    "master_every_s": Number(1.0, 3600.0, "s"),
    "bills": Flag(),
    "alarm_minutes": Number(0.1, 1440.0, "min"),
}
