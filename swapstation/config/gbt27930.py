"""What GB/T 27930 leaves open or practice does otherwise, as settings of a bay: `[bays.gbt27930]` in the station file.

One table: every field below carries its range, unit, confidence and source. The range checks of the configuration, the
charger's session and docs/gbt27930_settings.md are all made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class EditionChoice(StrEnum):
    """How the charger side of a bay chooses the edition it speaks.

    2015: CHM first; a battery without BHM, or with a BRM of 41 bytes or of version 1.0, is spoken to as 2011.
    2011: CRM at once, no CHM, the short forms of 2011 whatever the battery says.
    2023: as 2015, with the rules of category A of 2023 for every battery that is not found to be of 2011.
    auto: as 2015, with the rules of 2023 when the BRM says a version above 1.1 (own design: no source says which).
    """

    AUTO = "auto"
    GB2011 = "2011"
    GB2015 = "2015"
    GB2023 = "2023"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a field may hold and why it has its default.

    `confidence`: A two independent sources, B one source, C doubtful, own our own design. `low` None: true or false.
    """

    zh: str
    en: str
    confidence: str
    source: str
    unit: str = ""
    low: float | None = None
    high: float = 0.0
    whole: bool = False


def _seconds(default: float, low: float, high: float, confidence: str, zh: str, en: str, source: str) -> Any:
    return _setting(default, Setting(zh, en, confidence, source, "s", low, high))


def _setting(default: float | bool, setting: Setting) -> Any:
    return field(default=default, metadata={"setting": setting})


_2015 = "GB/T 27930-2015"
_2023 = "GB/T 27930-2023"
_DUAL = "chargers that speak both editions"


@dataclass(frozen=True, slots=True)
class Gbt27930:
    """Times, tolerances and doubtful points of the charger side; s, V, A, %. `settings_of` tells their sources."""

    bhm_s: float = _seconds(
        5.0, 1.0, 60.0, "B", "等待 BHM, 超过即视为 2011 版电池", "wait for BHM, then the battery is of 2011", _DUAL
    )
    aux_cycle_s: float = _seconds(
        0.0,
        0.0,
        60.0,
        "B",
        "2011 版电池辨识前断开辅助电源的时间, 0 为不断开",
        "auxiliary power off before a battery of 2011 is recognised; 0 leaves it on",
        _DUAL,
    )
    crm_2011_layout: bool = _setting(
        True,
        Setting(
            "对 2011 版电池发 1 字节编号 + 6 字节位置的 CRM",
            "CRM with a 1-byte number and 6-byte location to a battery of 2011",
            "C",
            "GB/T 27930-2011 as told by summaries; recorded traces show no difference in timing",
        ),
    )
    csd_2011_layout: bool = _setting(
        True,
        Setting(
            "对 2011 版电池发 5 字节 CSD",
            "CSD of 5 bytes to a battery of 2011",
            "C",
            "GB/T 27930-2011 as told by summaries",
        ),
    )
    insulation_test_s: float = _seconds(
        1.0, 0.0, 60.0, "own", "BHM 之后的绝缘检测时间", "insulation test after BHM", "up to 16 s in a recorded trace"
    )
    brm_s: float = _seconds(5.0, 1.0, 60.0, "A", "等待 BRM", "wait for BRM after the first CRM 00", _2015)
    bcp_s: float = _seconds(5.0, 1.0, 60.0, "A", "等待 BCP", "wait for BCP after CRM AA", _2015)
    bro_s: float = _seconds(5.0, 1.0, 60.0, "A", "等待任一 BRO", "wait for any BRO after the first CML", _2015)
    bro_ready_s: float = _seconds(60.0, 5.0, 600.0, "A", "等待 BRO AA", "wait for BRO AA after the first CML", _2015)
    precharge_s: float = _seconds(
        30.0,
        1.0,
        50.0,
        "own",
        "充电模块达到电池电压的时限",
        "time for the modules to reach the pack voltage; the battery waits 60 s for CRO AA",
        "own design",
    )
    precharge_tolerance_v: float = _setting(
        10.0,
        Setting(
            "预充时输出与电池电压最大相差",
            "largest difference between output and pack voltage before CRO AA",
            "B",
            "firmware of a real charger",
            "V",
            1.0,
            20.0,
        ),
    )
    precharge_tolerance_pct: float = _setting(
        5.0,
        Setting(
            "同上, 按电池电压的百分比, 两者都要满足",
            "the same in percent of the pack voltage; both must hold",
            "B",
            "firmware of a real charger",
            "%",
            0.5,
            10.0,
        ),
    )
    min_current_a: float = _setting(
        0.0,
        Setting(
            "充电机最小输出电流 (写入 CML)",
            "smallest current the charger gives (told in CML)",
            "own",
            "data sheet of the modules; a demand below it gets it (2015) or ends the charge (2023)",
            "A",
            0.0,
            50.0,
        ),
    )
    bcl_s: float = _seconds(1.0, 0.2, 5.0, "A", "等待 BCL", "wait for BCL", _2015)
    bcs_s: float = _seconds(5.0, 1.0, 30.0, "A", "等待 BCS", "wait for BCS", _2015)
    bsm_s: float = _seconds(
        5.0, 1.0, 30.0, "A", "收到首帧后等待 BSM (仅 2023)", "wait for BSM after the first one, 2023 only", _2023
    )
    bsm_replug: bool = _setting(
        True,
        Setting(
            "BSM 超时后须重新插接才能再握手 (仅 2023)",
            "no new handshake after a BSM timeout before the connector was mated anew, 2023 only",
            "B",
            _2023,
        ),
    )
    pause_s: float = _seconds(
        600.0, 10.0, 3600.0, "B", "电池禁止充电 (BSM) 的最长时间", "longest pause by BSM permission 00", _2015
    )
    bst_s: float = _seconds(5.0, 1.0, 30.0, "A", "CST 之后等待 BST", "wait for BST after own CST", _2015)
    bsd_s: float = _seconds(10.0, 1.0, 60.0, "B", "等待 BSD", "wait for BSD", f"{_2015}; some chargers wait 5 s")
    statistics_s: float = _seconds(
        1.0, 0.25, 10.0, "B", "收到 BSD 后继续发 CSD 的时间", "CSD goes on after BSD", "recorded charging processes"
    )
    opening_current_a: float = _setting(
        5.0,
        Setting(
            "接触器断开前电流须降到",
            "contactors open at or below this current",
            "B",
            "practice after GB/T 18487.1",
            "A",
            0.5,
            5.0,
        ),
    )
    emergency_open_s: float = _seconds(
        2.0,
        0.5,
        10.0,
        "own",
        "电流降不下来时强制断开接触器的时限",
        "contactors open under load when the current has not fallen this long after it had to",
        "own design: modules that do not obey are an emergency",
    )
    reconnect_s: float = _seconds(
        1.0, 0.25, 30.0, "B", "CEM/BEM 之后重新发 CRM 前的时间", "CEM until CRM comes again", f"{_2015}: within 30 s"
    )
    reconnects: int = _setting(
        3,
        Setting(
            "每次充电最多重连次数",
            "reconnects of one charging process",
            "A",
            f"{_2015}; one charger of 2023 allows 2",
            "",
            0,
            3,
            whole=True,
        ),
    )


def settings_of() -> Mapping[str, tuple[object, Setting]]:
    """Default and meaning of every field of `Gbt27930`, by name."""
    return {entry.name: (entry.default, entry.metadata["setting"]) for entry in fields(Gbt27930)}
