"""The phase of a segment follows from the messages of both sides alone."""

from __future__ import annotations

import pytest

from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.messages import Bem, Bhm, Bro, Bst, Chm, Crm, Cro, Csd, Message
from swapstation.protocol.gbt27930.phase import begins_process, phase_after
from swapstation.protocol.gbt27930.words import BmsTimeout
from tests.protocol.gbt27930.vectors import BCP, BRM

BEM = Bem((BmsTimeout.CCS,))
P = ChargePhase


@pytest.mark.parametrize(
    ("phase", "message", "then"),
    [
        (P.IDLE, Chm(), P.HANDSHAKE),
        (P.HANDSHAKE, BRM, P.RECOGNITION),
        (P.RECOGNITION, Bhm(730.0), P.RECOGNITION),
        (P.CONFIG, Crm(True), P.CONFIG),
        (P.CONFIG, Crm(False), P.RECOGNITION),
        (P.CHARGING, Cro(True), P.CHARGING),
        (P.CHARGING, BEM, P.ERROR),
        (P.ERROR, Bro(True), P.ERROR),
        (P.ERROR, BCP, P.ERROR),
        (P.ERROR, BRM, P.ERROR),
        (P.ERROR, Crm(True), P.RECOGNITION),
        (P.ERROR, Crm(False), P.RECOGNITION),
        (P.ERROR, Bst(()), P.STOP),
        (P.ERROR, Csd(1, 1.0), P.END),
        (P.ERROR, Chm(), P.HANDSHAKE),
        (P.END, Bst(()), P.END),
        (P.END, BEM, P.ERROR),
    ],
)
def test_phase_after_a_message(phase: ChargePhase, message: Message, then: ChargePhase) -> None:
    assert phase_after(phase, message) is then


@pytest.mark.parametrize(
    ("phase", "message", "begins"),
    [
        (P.IDLE, Chm(), True),
        (P.IDLE, Crm(False), True),
        (P.IDLE, BRM, False),
        (P.HANDSHAKE, Chm(), False),
        (P.RECOGNITION, Chm(), True),
        (P.ERROR, Chm(), True),
        (P.ERROR, Crm(False), False),
        (P.CHARGING, Crm(False), False),
        (P.END, Crm(False), True),
        (P.END, BEM, False),
    ],
)
def test_where_a_new_process_begins(phase: ChargePhase, message: Message, begins: bool) -> None:
    assert begins_process(phase, message) is begins
