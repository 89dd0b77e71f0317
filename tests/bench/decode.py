"""How fast CAN frames become messages: ours and cantools on the same DBC files and the same frames, in one process.

The traffic is that of ten charging bays in a second: BCL and CCS 20/s, BSM and BCS 4/s (BCS as its whole 9 bytes),
RackIo and ModuleFeedback 10/s, each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time
from typing import Any

from swapstation.model.device import ModuleState
from swapstation.protocol.gbt27930 import table
from swapstation.protocol.gbt27930.messages import Bcl, Bcs, Bsm, Ccs, Message
from swapstation.protocol.node import Frame
from swapstation.protocol.station_can import ModuleFeedback, RackIo, Received, StationCan
from tests.protocol.foreign import database, differences, expected, raws_read

BAYS = range(1, 11)
_STATION = StationCan.load()
_WITHOUT_PRIORITY = 0x03FF_FFFF
_CODECS: dict[str, Any] = {row.name: row.codec for row in table.TABLE} | {
    codec.name: codec for codec in _STATION._codecs.values()
}


def charging_frames() -> list[Frame]:
    """What the batteries and chargers of all bays say in one second; every value moves."""
    frames = []
    for bay in BAYS:
        for step in range(20):
            current_a = round(200 + bay + step / 10, 1)
            frames.append(_frame(Bcl(733.6, current_a)))
            frames.append(_frame(Ccs(round(640 + step / 10, 1), round(current_a - 0.4, 1), bay, True)))
            if step % 5 == 0:
                frames.append(_frame(Bsm(80 + bay, 30 + step / 5, 4, 27.0, 11, (), True)))
                frames.append(_frame(Bcs(round(640 + step / 10, 1), current_a, 3.3 + bay / 100, 3, 40 + bay, 55)))
    return frames


def station_frames() -> list[Frame]:
    """What the rack and module nodes of all bays say in one second."""
    frames = []
    for bay in BAYS:
        for step in range(10):
            frames.append(_STATION.encode(RackIo(True, True, True, True, False, 25.0 + bay, 1, step), bay))
            volts, amperes = round(640 + step / 10, 1), round(200 + bay + step / 10, 1)
            frames.append(_STATION.encode(ModuleFeedback(volts, amperes, ModuleState.ON, 40.0, 1, step), bay))
    return frames


def _frame(message: Message) -> Frame:
    return Frame(table.type_of(message).can_id, table.encode(message))


class Foreign:
    """cantools as its users call it: the message of an identifier, then `decode`."""

    def __init__(self, files: Sequence[str], frames: Sequence[Frame]) -> None:
        known = {message.frame_id: message for file in files for message in database(file).messages}
        self._messages = {
            frame.can_id: known.get(frame.can_id) or self._of_node(known, frame.can_id) for frame in frames
        }

    @staticmethod
    def _of_node(known: dict[int, Any], can_id: int) -> Any:
        """The DBC has the node 0 of RackIo and ModuleFeedback; their bay is in the source address."""
        return known[next(own for own in known if own >> 8 == can_id >> 8)]

    def message(self, frame: Frame) -> Any:
        return self._messages[frame.can_id]

    def decode(self, frame: Frame) -> Any:
        return self._messages[frame.can_id].decode(frame.data)


def unequal(charging: Sequence[Frame], station: Sequence[Frame], foreign: Foreign) -> list[str]:
    """What differs between our messages and what cantools reads; empty when all values of all frames are equal."""
    found = [(frame, table.hear_frame(frame)) for frame in charging]
    found_too = [(frame, _STATION.decode(frame)) for frame in station]
    wrong = []
    for frame, heard in (*found, *found_too):
        assert isinstance(heard, table.Heard | Received), heard
        source = foreign.message(frame)
        told = expected(_CODECS[source.name], source, raws_read(source, frame.data))
        differing = differences(heard.message, told)
        if differing or not told:
            wrong.append(f"{source.name} {frame.data.hex()}: {differing}")
    return wrong


def measure(rounds: int = 15) -> dict[str, Any]:
    """Frames per second of processor time of both and their ratio: medians of alternating rounds.

    `unequal` lists what differs and must be empty.
    """
    charging, station = charging_frames(), station_frames()
    foreign = Foreign(("gbt27930.dbc", "station.dbc"), (*charging, *station))
    wrong = unequal(charging, station, foreign)
    ours_s, cantools_s = [], []
    for _ in range(rounds):
        ours_s.append(_seconds(table.hear_frame, charging) + _seconds(_STATION.decode, station))
        cantools_s.append(_seconds(foreign.decode, charging) + _seconds(foreign.decode, station))
    frames = len(charging) + len(station)
    ours, theirs = frames / median(ours_s), frames / median(cantools_s)
    return {
        "frames": frames,
        "ours_per_s": round(ours),
        "cantools_per_s": round(theirs),
        "ratio": round(ours / theirs, 2),
        "unequal": wrong,
    }


def _seconds(decode: Callable[[Frame], object], frames: Sequence[Frame]) -> float:
    begun_s = process_time()
    for frame in frames:
        decode(frame)
    return process_time() - begun_s


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
