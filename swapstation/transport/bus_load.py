"""Bus load of a CAN segment from the frames seen on it, in percent of its bit rate.

Bits of a classic frame with n data bytes, from start of frame to the end of the 3-bit interframe space (ISO 11898-1):

    11-bit identifier    47 + 8 n    of which 34 + 8 n are subject to bit stuffing
    29-bit identifier    67 + 8 n    of which 54 + 8 n are subject to bit stuffing

At most one stuff bit follows every 4 bits after the first; half of that is assumed, because the wire's bits are not
known here. The estimate is therefore at most 11 % of its own size away from the truth, and a segment that truly is full
shows 90 to 112 %. More than 112 % is more than any bus can carry.

    load_pct = 100 x (bits of all frames received and sent during the last second) / bit rate
"""

from __future__ import annotations

import asyncio

from swapstation.protocol.node import Frame
from swapstation.transport.rates import SlidingSecond

_DATA_BYTES = 8


def _bits(data_bytes: int, extended: bool) -> float:
    whole, stuffed = (67, 54) if extended else (47, 34)
    most_stuff_bits = (stuffed + 8 * data_bytes - 1) // 4
    return whole + 8 * data_bytes + most_stuff_bits / 2


_BITS = {extended: [_bits(count, extended) for count in range(_DATA_BYTES + 1)] for extended in (False, True)}


class BusLoad:
    """Told of every frame of a segment (a FrameTap), it knows the load of the last second."""

    def __init__(self, bitrate: int) -> None:
        self._bitrate = bitrate
        self._bits = SlidingSecond()

    def __call__(self, frame: Frame, sent: bool) -> None:
        self._bits.add(_BITS[frame.extended][len(frame.data)], asyncio.get_running_loop().time())

    @property
    def pct(self) -> float:
        return round(100.0 * self._bits.per_s(asyncio.get_running_loop().time()) / self._bitrate, 1)
