"""`swapstation replay`: what happened between charger and battery in a recording, as data, as JSON and for people."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from swapstation.protocol.gbt27930.decoder import Decoder
from swapstation.protocol.gbt27930.history import ChargeHistory, Histories
from swapstation.protocol.gbt27930.table import Heard
from swapstation.protocol.node import Malformed
from swapstation.transport.recordings import read_recording

Language: TypeAlias = Literal["zh", "en"]

_SHOWN = 20
_TIME_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Replay:
    """A recording's content: whole messages by name, counts of what could not be read, and the charging processes.

    `shown` holds the first of the malformed lines and messages; it is for people and not in the JSON.
    """

    frames: int
    unknown_ids: dict[str, int]
    malformed: int
    messages: dict[str, int]
    sessions: tuple[ChargeHistory, ...]
    shown: tuple[Malformed, ...] = ()


def replay(path: Path) -> Replay:
    """Read and decode a whole recording; InputError when the file cannot be read or is of an unknown kind."""
    decoder, histories = Decoder(), Histories()
    frames = bad_lines = 0
    first_s: float | None = None
    at_s = 0.0
    shown: list[Malformed] = []
    for entry in read_recording(path):
        if isinstance(entry, Malformed):
            bad_lines += 1
            _show(shown, entry)
            continue
        frames += 1
        first_s = entry.time_s if first_s is None else first_s
        at_s = round(entry.time_s - first_s, _TIME_DIGITS)
        heard = decoder.take(entry.frame)
        if isinstance(heard, Heard):
            histories.take(heard, at_s)
        elif heard is not None:
            _show(shown, Malformed(f"frame {frames} {heard.where}", heard.reason, heard.data))
    return Replay(
        frames=frames,
        unknown_ids={f"{can_id:08X}": count for can_id, count in sorted(decoder.unknown_ids.items())},
        malformed=bad_lines + decoder.malformed,
        messages=dict(decoder.messages),
        sessions=histories.finish(at_s),
        shown=tuple(shown),
    )


def to_json(replayed: Replay) -> str:
    """The one object of `swapstation replay FILE --json`."""
    content = asdict(replayed)
    del content["shown"]
    return json.dumps(content, ensure_ascii=False, indent=2)


def report(replayed: Replay, console: Console, language: Language = "en") -> None:
    """Print what happened, in Chinese or English."""
    labels = _LABELS[language]
    console.print(f"{labels['frames']}: {replayed.frames}  {labels['malformed']}: {replayed.malformed}")
    counts = "  ".join(f"{name} {count}" for name, count in replayed.messages.items())
    console.print(f"{labels['messages']}: {counts or '-'}", highlight=False)
    if replayed.unknown_ids:
        unknown = "  ".join(f"{can_id} {count}" for can_id, count in replayed.unknown_ids.items())
        console.print(f"{labels['unknown_ids']}: {unknown}", highlight=False)
    for number, session in enumerate(replayed.sessions, start=1):
        console.print(_session_table(f"{labels['session']} {number}", session, language))
    for fault in replayed.shown:
        text = Text(f"{labels['not_read']}: {fault.where}: {fault.reason}: {_printable(fault.data)}", "yellow")
        console.print(text)


def _show(shown: list[Malformed], fault: Malformed) -> None:
    if len(shown) < _SHOWN:
        shown.append(fault)


def _printable(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    return text[:80] if text and text.isprintable() else data[:32].hex(" ").upper()


def _session_table(title: str, session: ChargeHistory, language: Language) -> Table:
    labels = _LABELS[language]
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_row(labels["edition"], _or_dash(session.edition and f"GB/T 27930-{session.edition}"))
    table.add_row("VIN", Text(_or_dash(session.vin)))
    table.add_row(labels["battery"], f"{_or_dash(session.battery_type)}  {_or_dash(session.rated_capacity_ah)} Ah")
    table.add_row("SOC", f"{_or_dash(session.soc_start_pct)} % → {_or_dash(session.soc_end_pct)} %")
    table.add_row(labels["max_current"], f"{_or_dash(session.max_charge_current_a)} A")
    for phase in session.phases:
        name = _word(phase.name, language)
        table.add_row(labels["phase"], f"{phase.start_s:9.3f} – {phase.end_s:9.3f} s  {name}")
    for pause in session.pauses:
        table.add_row(labels["pause"], f"{pause.start_s:9.3f} – {pause.end_s:9.3f} s")
    for error in session.errors:
        text = f"{error.message} {error.item}: {error.count} × ({error.first_s:.3f} s)"
        table.add_row(labels["timeout"], Text(text, "red"))
    reasons = ", ".join(_word(reason, language) for reason in session.stop.reasons)
    by = _word(session.stop.by, language) if session.stop.by else "-"
    table.add_row(labels["stop"], f"{by} {reasons}".rstrip())
    return table


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)


def _word(word: str, language: Language) -> str:
    return _CHINESE.get(word, word) if language == "zh" else word.replace("_", " ")


_LABELS: dict[Language, dict[str, str]] = {
    "en": {
        "frames": "Frames",
        "malformed": "Malformed",
        "messages": "Messages",
        "unknown_ids": "Unknown identifiers",
        "session": "Charging process",
        "not_read": "Not read",
        "edition": "Edition",
        "battery": "Battery",
        "max_current": "Largest current",
        "phase": "Phase",
        "pause": "Paused by the battery",
        "timeout": "Timeout",
        "stop": "Stopped by",
    },
    "zh": {
        "frames": "帧数",
        "malformed": "无法解析",
        "messages": "报文",
        "unknown_ids": "未知标识符",
        "session": "充电过程",
        "not_read": "未解析",
        "edition": "版本",
        "battery": "电池",
        "max_current": "最大电流",
        "phase": "阶段",
        "pause": "电池暂停充电",
        "timeout": "超时",
        "stop": "中止方",
    },
}

_CHINESE = {
    "handshake": "握手",
    "recognition": "辨识",
    "config": "参数配置",
    "charging": "充电",
    "stop": "中止",
    "end": "结束",
    "error": "错误",
    "bms": "电池管理系统",
    "charger": "充电机",
    "timeout": "超时",
    "soc_reached": "达到需求SOC",
    "voltage_reached": "达到总电压设定值",
    "cell_voltage_reached": "达到单体电压设定值",
    "insulation_fault": "绝缘故障",
    "connector_over_temperature": "输出连接器过温",
    "component_over_temperature": "元件过温",
    "connector_fault": "充电连接器故障",
    "pack_over_temperature": "电池组温度过高",
    "hv_relay_fault": "高压继电器故障",
    "detection_point_fault": "检测点2电压故障",
    "other_fault": "其他故障",
    "over_current": "电流过大",
    "voltage_abnormal": "电压异常",
    "condition_reached": "达到充电机设定条件",
    "manual": "人工中止",
    "fault": "故障中止",
    "charger_over_temperature": "充电机过温",
    "internal_over_temperature": "充电机内部过温",
    "energy_not_delivered": "所需电量不能传送",
    "emergency_stop": "急停",
    "current_mismatch": "电流不匹配",
    "parameters_mismatch": "充电参数不匹配",
    "self_test_fault": "自检故障",
    "precharge_fault": "预充故障",
}
