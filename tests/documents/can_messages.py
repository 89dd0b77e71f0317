"""The messages of a DBC file as Markdown."""

from __future__ import annotations

import re

from cantools.database import Database, load_string
from cantools.database.can import Message, Signal

from swapstation.wire_files import wire_file
from tests.documents.markdown import number, table, value_rule

_NOTE = re.compile(r'^CM_ "(.*)";$', re.MULTILINE)  # of the whole file: cantools drops it
HEAD = ("signal", "byte.bit", "bits", "value", "range", "meaning")


def can_messages(file: str) -> list[str]:
    """One table for each message of `firmware_proto/dbc/FILE`, in the order of the file."""
    text = wire_file("dbc", file).read_text(encoding="utf-8")
    database = load_string(text, "dbc")
    assert isinstance(database, Database)
    notes = [line for note in _NOTE.findall(text) for line in (note, "")]
    return [*notes, *(line for each in database.messages for line in _message(each))]


def _message(message: Message) -> list[str]:
    period = f"every {message.cycle_time} ms" if message.cycle_time else "when wanted"
    facts = f"`0x{message.frame_id:08X}`, {message.length} bytes, {period}, from {', '.join(message.senders)}."
    signals = sorted(message.signals, key=lambda each: each.start)
    return [
        f"### {message.name}",
        "",
        f"{facts} {message.comment or ''}".rstrip(),
        "",
        *table(HEAD, [_signal(each) for each in signals]),
    ]


def _signal(signal: Signal) -> tuple[object, ...]:
    meaning = ", ".join(f"{raw} {text}" for raw, text in sorted((signal.choices or {}).items()))
    limits = f"{number(signal.minimum or 0)} to {number(signal.maximum or 0)}"
    return (
        signal.name,
        f"{signal.start // 8 + 1}.{signal.start % 8 + 1}",
        signal.length,
        value_rule(float(signal.scale), float(signal.offset), signal.unit or ""),
        limits,
        f"{signal.comment or ''} {meaning}".strip(),
    )
