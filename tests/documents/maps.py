"""Register maps, packed structs and the layouts of AA F5 as Markdown."""

from __future__ import annotations

import tomllib
from typing import Any

from swapstation.protocol.aaf5_fields import INTEGERS, TIME_BYTES
from swapstation.wire_files import wire_file
from tests.documents.markdown import head_comment, table, value_rule, words

_FIRST_WORD = {"big": "high", "little": "low"}


def register_map(name: str) -> list[str]:
    """`firmware_proto/registers/NAME.toml`: its rules, its blocks, their points, what orders write, its alarms."""
    text, data = _read("registers", f"{name}.toml")
    lines = [*head_comment(text), f"32-bit numbers: {_FIRST_WORD[data['word_order']]} word first.", ""]
    for block, facts in data["blocks"].items():
        poll = facts.get("poll")
        polled = f", read every {poll['period_s']} s, too old after {poll['age_limit_s']} s" if poll else ""
        lines += [
            f"Block *{block}* ({facts['access']}): {facts['count']} registers from {facts['address']}{polled}.",
            "",
        ]
        points = [each for each in data["point"] if each["block"] == block]
        lines += table(("register", "point", "type", "value", "meaning"), [_point(each) for each in points])
    return [*lines, *_orders(data), *_alarms(data)]


def _point(point: dict[str, Any]) -> tuple[object, ...]:
    bit = f".{point['bit']}" if "bit" in point else ""
    count = f" x {point['count']}" if "count" in point else ""
    meaning = [point.get("text", ""), words(point.get("enum", {})), _none(point)]
    rule = value_rule(point.get("scale", 1), point.get("offset", 0), point.get("unit", ""))
    return f"{point['address']}{bit}", point["name"], f"{point['type']}{count}", rule, _sentence(meaning)


def _orders(data: dict[str, Any]) -> list[str]:
    written = [
        (order["command"], ", ".join(f"{point} = {value}" for point, value in order["write"].items()))
        for order in data.get("order", ())
    ]
    return table(("order", "what is written"), written) if written else []


def _alarms(data: dict[str, Any]) -> list[str]:
    head = ("code", "when", "grade", "zh", "en")
    rows = [
        (each["code"], f"{each['point']} = {each['equals']}", each["grade"], each["zh"], each["en"])
        for each in data.get("vendor_alarm", ())
    ]
    return table(head, rows) if rows else []


def packed_structs() -> list[str]:
    """`firmware_proto/packed_plc.toml`: every message with its fields."""
    text, data = _read("packed_plc.toml")
    lines = head_comment(text)
    for name, message in data["messages"].items():
        facts = f"id {message['id']}, {message['size']} bytes, every {message['period_s']} s, from {message['sender']}"
        lines += [f"### {name}: {message['text']}", "", f"{facts}.", ""]
        fields = [_packed_field(each) for each in data["field"] if each["message"] == name]
        lines += table(("byte", "field", "type", "value", "meaning"), fields)
    return lines


def _packed_field(field: dict[str, Any]) -> tuple[object, ...]:
    bit = f".{field['bit']}" if "bit" in field else ""
    count = f" x {field['count']}" if "count" in field else ""
    further = "further numbers are passed on as they are" if field.get("open") else ""
    meaning = [field.get("text", ""), words(field.get("enum", {})), further, _none(field)]
    rule = value_rule(field.get("scale", 1), field.get("zero", 0), field.get("unit", ""))
    return f"{field['offset']}{bit}", field["name"], f"{field['type']}{count}", rule, _sentence(meaning)


def aaf5() -> list[str]:
    """`firmware_proto/aaf5.toml`: the rules of a connection and every message with its fields."""
    text, data = _read("aaf5.toml")
    link = text[text.index("[link]") : text.index("[[message]]")].strip()
    lines = [*head_comment(text), "```toml", *link.splitlines(), "```", ""]
    for message in data["message"]:
        lines += [f"### {message['command']} {message['name']}", ""]
        lines += [f"From {message['sender']}; confidence {message['confidence']}.", ""]
        lines += table(("byte", "field", "type", "value", "meaning"), _aaf5_fields(message["fields"]))
    return lines


def _aaf5_fields(fields: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    position = 0
    for field in fields:
        kind, size = field["type"], field.get("size")
        rule = value_rule(field.get("scale", 1), field.get("offset", 0), field.get("unit", ""))
        meaning = [field.get("text", ""), words(field.get("enum", {})), _none(field)]
        shown = f"{kind}, {size} bytes" if size else kind
        rows.append((position, field.get("name", ""), shown, rule, _sentence(meaning)))
        position += size or (TIME_BYTES if kind == "time" else INTEGERS[kind][0] if kind in INTEGERS else 0)
    return rows


def fault_codes() -> list[str]:
    """`firmware_proto/faults.toml`: what the codes of the shipped devices mean."""
    text, data = _read("faults.toml")
    lines = head_comment(text)
    tables = {"common": data.pop("common")}
    tables |= {f"{role}.{name}": codes for role, adapters in data.items() for name, codes in adapters.items()}
    for name, codes in tables.items():
        rows = [(code, each["grade"], each["zh"], each["en"]) for code, each in codes.items()]
        lines += [f"### {name}", "", *table(("code", "grade", "zh", "en"), rows)]
    return lines


def _read(*parts: str) -> tuple[str, dict[str, Any]]:
    text = wire_file(*parts).read_text(encoding="utf-8")
    return text, tomllib.loads(text)


def _none(point: dict[str, Any]) -> str:
    return f"{point['none']}: no value" if "none" in point else ""


def _sentence(parts: list[str]) -> str:
    return "; ".join(part for part in parts if part)
