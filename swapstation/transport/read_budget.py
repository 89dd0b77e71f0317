"""How much one wire may bring: a peer that babbles must cost a bounded share of the processor."""

from __future__ import annotations

SLCAN_BYTES_PER_BIT = 0.3
"""A full CAN bus brings at most 0.24 bytes of slcan text per bit (15 characters with stamp for 67 bits)."""
SOCKETCAND_BYTES_PER_BIT = 0.8
"""At most 0.6 bytes of socketcand text per bit (38 characters for 67 bits)."""
BYTE_WIRE_BYTES_PER_S = 128_000.0
"""No polled device comes near; a gigabit of nonsense does."""


class ReadBudget:
    """`bytes_per_s` on average and one second's worth at once, so that a short stall of the network costs nothing."""

    def __init__(self, bytes_per_s: float, now_s: float) -> None:
        self._bytes_per_s = bytes_per_s
        self._left = bytes_per_s
        self._at_s = now_s

    def take(self, count: int, now_s: float) -> bool:
        """Whether `count` more bytes may be handled now."""
        self._left = min(self._bytes_per_s, self._left + (now_s - self._at_s) * self._bytes_per_s)
        self._at_s = now_s
        if count > self._left:
            return False
        self._left -= count
        return True
