"""A sender and a receiver of the J1939-21 transport, and a wire between them that loses, doubles and delays."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from math import inf

from swapstation.protocol import j1939
from swapstation.protocol.j1939 import Transported
from swapstation.protocol.j1939_ends import Receiver, Sender
from swapstation.protocol.node import Frame

BMS, CHARGER = 0xF4, 0x56
PGN = 0x0200
RTS, CTS = bytes.fromhex("10 31 00 07 FF 00 02 00"), bytes.fromhex("11 07 01 FF FF 00 02 00")
HOLD = bytes.fromhex("11 00 FF FF FF 00 02 00")
EOMA = bytes.fromhex("13 31 00 07 FF 00 02 00")
BRM = bytes.fromhex(
    "01010003081144194341544C40E2010026060F38010001FF4C5A5A31434C53423752413030303030310114 05E707FFFFFF"
)
Fate = tuple[float, ...]
"""What becomes of a frame: the delays after which it arrives, each once; () is lost, (0, 0.1) arrives twice."""


def carry(
    sender: Sender, receiver: Receiver, fate: Callable[[int, Frame], Fate] = lambda number, frame: (0.0,)
) -> tuple[list[Frame], list[Transported], float]:
    """Run both in virtual time until nothing more happens: what was sent, what came through, and how long it took."""
    wire: list[Frame] = []
    through: list[Transported] = []
    arriving: list[tuple[float, int, Frame, bool]] = []
    now_s = 0.0
    while now_s < inf:
        for from_sender, frames in ((True, sender.due(now_s)), (False, receiver.due(now_s))):
            for frame in frames:
                wire.append(frame)
                for delay_s in fate(len(wire), frame):
                    heapq.heappush(arriving, (now_s + delay_s, len(wire), frame, from_sender))
        assert len(wire) < 2000, "the two ends never come to an end"
        if arriving and arriving[0][0] <= now_s:
            _, _, frame, from_sender = heapq.heappop(arriving)
            if not from_sender:
                sender.control(frame.data, now_s)
            elif j1939.split(frame.can_id).pgn == j1939.TP_CM_PGN:
                receiver.control(frame.data, now_s)
            elif (whole := receiver.packet(frame.data, now_s)) is not None:
                through.append(whole)
            continue
        ended_s = now_s
        now_s = min([sender.next_deadline(), receiver.next_deadline(), *(each[0] for each in arriving[:1])])
    return wire, through, ended_s


def lose(lost: Callable[[int, Frame], bool]) -> Callable[[int, Frame], Fate]:
    return lambda number, frame: () if lost(number, frame) else (0.0,)


def pair(asked: int = 0xFF, granted: int = 0xFF) -> tuple[Sender, Receiver]:
    return Sender(BMS, CHARGER, window=asked), Receiver(CHARGER, BMS, window=granted)
