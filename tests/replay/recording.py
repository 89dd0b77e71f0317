"""Synthetic recordings built from the golden messages, written as candump logs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from swapstation.protocol import j1939, j1939_ends
from swapstation.protocol.gbt27930.messages import Message
from swapstation.protocol.gbt27930.table import encode, type_of
from swapstation.protocol.gbt27930.words import Edition
from swapstation.protocol.node import Frame


class Recording:
    """Frames with times; long messages go out as a whole transfer in both directions."""

    def __init__(self, edition: Edition = Edition.GB2015) -> None:
        self.frames: list[tuple[float, Frame]] = []
        self.now_s = 1_700_000_000.0
        self._edition = edition

    def add(self, *messages: Message, after_s: float = 0.1) -> Recording:
        for message in messages:
            self.now_s += after_s if self.frames else 0.0
            row, data = type_of(message), encode(message, self._edition)
            if len(data) <= 8:
                self.frame(row.can_id, data)
            else:
                self._transport(row.pgn, data)
        return self

    def frame(self, can_id: int, data: bytes, extended: bool = True) -> Recording:
        self.frames.append((self.now_s, Frame(can_id, data, extended)))
        return self

    def repeat(self, times: int, *messages: Message, every_s: float = 0.05) -> Recording:
        for _ in range(times):
            self.add(*messages, after_s=every_s / len(messages))
        return self

    def write(self, path: Path, extra_lines: Iterable[str] = ()) -> Path:
        lines = [
            f"({at_s:.6f}) can0 {frame.can_id:0{8 if frame.extended else 3}X}#{frame.data.hex().upper()}"
            for at_s, frame in self.frames
        ]
        path.write_text("\n".join([*lines, *extra_lines]) + "\n", encoding="utf-8")
        return path

    def _transport(self, pgn: int, data: bytes) -> None:
        sender, receiver = j1939_ends.Sender(0xF4, 0x56), j1939_ends.Receiver(0x56, 0xF4)
        sender.send(pgn, data, self.now_s)
        while sender.busy:
            for frame in sender.due(self.now_s):
                self.frames.append((self.now_s, frame))
                if j1939.split(frame.can_id).pgn == j1939.TP_CM_PGN:
                    receiver.control(frame.data, self.now_s)
                else:
                    receiver.packet(frame.data, self.now_s)
            for frame in receiver.due(self.now_s):
                self.frames.append((self.now_s, frame))
                sender.control(frame.data, self.now_s)
            self.now_s += 0.001
