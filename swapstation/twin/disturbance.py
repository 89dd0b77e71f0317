"""What may be done to the bytes of a wire: knobs by name, each aimed at one wire; drawn from the seed of the run.

Only what a receiver can notice, by a check sum, a length or a gap: a flip of bits on a CAN bus is noticed by every
controller on it and looks like a frame that is lost, so bits are flipped on the meter's serial line alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from random import Random

from swapstation.protocol import j1939
from swapstation.protocol.node import Frame
from swapstation.protocol.slcan import encode_frame

FLOODED, CUT = "wire_flooded", "cut_in_message"
SELDOM, OFTEN = 0.02, 0.1
LONGEST_GARBAGE = 40
FLOOD_FRAMES_PER_S = 4000.0
_FLOOD = encode_frame(Frame(0, bytes(8)))
_ID_TEXT, _SEQUENCE_TEXT = slice(1, 9), slice(10, 12)

Disturb = Callable[[bytes, Random], bytes]


def _garbage(data: bytes, chance: Random) -> bytes:
    return chance.randbytes(chance.randrange(1, LONGEST_GARBAGE)) + data if chance.random() < OFTEN else data


def _flipped(data: bytes, chance: Random) -> bytes:
    if not data or chance.random() >= OFTEN:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _lost(data: bytes, chance: Random) -> bytes:
    return b"" if chance.random() < OFTEN else data


def _doubled(data: bytes, chance: Random) -> bytes:
    return data + data if chance.random() < OFTEN else data


DISTURBANCES: Mapping[str, Disturb] = {
    "wire_garbage": _garbage,
    "bits_flipped": _flipped,
    "frames_lost": _lost,
    "frames_doubled": _doubled,
}


def disturbed(data: bytes, on: Iterable[str], chance: Random) -> bytes:
    """What comes through while these knobs are on."""
    for name in on:
        data = DISTURBANCES[name](data, chance)
    return data


def flood(elapsed_s: float) -> bytes:
    """What a node that babbles has put on a CAN segment meanwhile: frames of the highest priority, twice a full bus."""
    return _FLOOD * int(FLOOD_FRAMES_PER_S * elapsed_s)


def breaks_off(data: bytes, chance: Random) -> bool:
    """Whether a wire is lost here: within a message of several CAN frames, or within one of a stream now and then."""
    if not data.startswith(b"T"):
        return chance.random() < SELDOM
    packet = j1939.split(int(data[_ID_TEXT], 16)).pgn == j1939.TP_DT_PGN
    return packet and int(data[_SEQUENCE_TEXT], 16) > 1
