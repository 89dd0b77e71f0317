"""Decodes both sides of a charging process on one segment, sending nothing, and counts what it meets."""

from __future__ import annotations

from collections import Counter

from swapstation.protocol import j1939
from swapstation.protocol.gbt27930.table import DIAGNOSTICS, Heard, hear, hear_frame, type_of
from swapstation.protocol.gbt27930.words import Edition, Party
from swapstation.protocol.node import Frame, Malformed

_FRAME_BYTES = 8
_PARTIES = {(party.peer, party) for party in Party}


class Decoder:
    """Whole messages by name, identifiers that are no part of GB/T 27930, and messages that cannot be read.

    Packets are put together by order alone, without times: recordings may have lost theirs. `diagnostics` are the
    newest bytes of the diagnostic messages (DM1 to DM6) by name and sender. `edition` matters for the layout of a CRM.
    """

    def __init__(self, edition: Edition = Edition.GB2015) -> None:
        self.messages: Counter[str] = Counter()
        self.unknown_ids: Counter[int] = Counter()
        self.diagnostics: dict[tuple[str, Party], bytes] = {}
        self.malformed = 0
        self._edition = edition
        self._assemblies: dict[int, j1939.Assembly] = {}

    def take(self, frame: Frame) -> Heard | Malformed | None:
        """Take a frame of either side; returns a message once whole, or why it cannot be read."""
        heard = hear_frame(frame, self._edition) or self._read(frame)
        if isinstance(heard, Malformed):
            self.malformed += 1
        elif heard is not None:
            self.messages[type_of(heard.message).name] += 1
        return heard

    def _read(self, frame: Frame) -> Heard | Malformed | None:
        identifier = j1939.split(frame.can_id)
        destination, source = identifier.destination, identifier.source
        if not frame.extended or (destination, source) not in _PARTIES:
            self.unknown_ids[frame.can_id] += 1
            return None
        if identifier.pgn in (j1939.TP_CM_PGN, j1939.TP_DT_PGN) and len(frame.data) != _FRAME_BYTES:
            return Malformed("TP", f"{len(frame.data)} bytes", frame.data)
        if identifier.pgn == j1939.TP_CM_PGN:
            return self._control(source, frame.data)
        if identifier.pgn != j1939.TP_DT_PGN:
            self._note(frame.can_id, identifier.pgn, source, frame.data)
            return None
        assembly = self._assemblies.get(source)
        whole = assembly and assembly.put(frame.data)
        if not whole:
            return None
        del self._assemblies[source]
        heard = hear(whole.pgn, destination, source, whole.data, self._edition)
        if heard is None:
            can_id = j1939.join(identifier.priority, whole.pgn, destination, source)
            self._note(can_id, whole.pgn, source, whole.data)
        return heard

    def _note(self, can_id: int, pgn: int, source: int, data: bytes) -> None:
        """Count what has no layout here."""
        name = DIAGNOSTICS.get(pgn)
        if name is None:
            self.unknown_ids[can_id] += 1
        else:
            self.messages[name] += 1
            self.diagnostics[name, Party(source)] = data

    def _control(self, source: int, data: bytes) -> Malformed | None:
        if data[0] == j1939.Control.RTS:
            opened = j1939.Assembly.opened_by(data)
            if isinstance(opened, Malformed):
                return opened
            self._assemblies[source] = opened
        elif data[0] == j1939.Control.ABORT:
            self._assemblies = {
                sender: assembly for sender, assembly in self._assemblies.items() if not assembly.concerns(data)
            }
        return None
