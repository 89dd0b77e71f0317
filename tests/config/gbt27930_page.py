"""Writes docs/gbt27930_settings.md from the settings table: `python -m tests.config.gbt27930_page`."""

from __future__ import annotations

from pathlib import Path

from swapstation.config.gbt27930 import Setting, settings_of

PAGE = Path(__file__).parents[2] / "docs" / "gbt27930_settings.md"

_HEAD = """# GB/T 27930 settings of a bay

What the standard leaves open, what sources disagree on and what practice does otherwise, each with its default. A bay
chooses its edition and overrides what its batteries need; `swapstation check-config` refuses what is out of range.

```toml
[[bays]]
number = 1
can = "can+socketcan://can1?bitrate=250000"
edition = "2015"          # "auto", "2011", "2015" or "2023"

[bays.gbt27930]
insulation_test_s = 12.0
bsd_s = 5.0
```

| edition | what the charger side does |
|---|---|
| `2015` (default) | CHM first; without BHM, or with a BRM of 41 bytes or version 1.0, the battery is of 2011 |
| `2011` | CRM at once, no CHM, the short messages of 2011 whatever the battery says |
| `2023` | as `2015`, with the rules of category A of 2023 for every battery that is not found to be of 2011 |
| `auto` | as `2015`, with the rules of 2023 when the BRM says a version above 1.1 |

Only a `direct` bay speaks; at a `charger` bay the charger controller has settings of its own and we listen.

Confidence: A two independent sources agree, B one good source, C doubtful or sources disagree, own our own design.

| setting | default | allowed | confidence | what it is | 含义 | source |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(_row(name, default, setting) for name, (default, setting) in settings_of().items())


def _row(name: str, default: object, setting: Setting) -> str:
    unit = f" {setting.unit}" if setting.unit else ""
    if setting.low is None:
        shown, allowed = str(default).lower(), "true, false"
    else:
        shown, allowed = f"{default:g}{unit}", f"{setting.low:g} to {setting.high:g}{unit}"
    cells = (f"`{name}`", shown, allowed, setting.confidence, setting.en, setting.zh, setting.source)
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
