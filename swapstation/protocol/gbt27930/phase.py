"""In which phase of the charging process a segment is, told from the messages of both sides alone."""

from __future__ import annotations

from collections.abc import Mapping

from swapstation.model.device import ChargePhase
from swapstation.protocol.gbt27930.messages import (
    Bcl,
    Bcp,
    Bcs,
    Bem,
    Bhm,
    Bmt,
    Bmv,
    Brm,
    Bro,
    Bsd,
    Bsm,
    Bsp,
    Bst,
    Ccs,
    Cem,
    Chm,
    Cml,
    Crm,
    Cro,
    Csd,
    Cst,
    Cts,
    Message,
)

_ORDER = (
    ChargePhase.IDLE,
    ChargePhase.HANDSHAKE,
    ChargePhase.RECOGNITION,
    ChargePhase.CONFIG,
    ChargePhase.CHARGING,
    ChargePhase.STOP,
    ChargePhase.END,
)

_MESSAGES_OF: Mapping[ChargePhase, tuple[type[Message], ...]] = {
    ChargePhase.HANDSHAKE: (Chm, Bhm),
    ChargePhase.RECOGNITION: (Crm, Brm),
    ChargePhase.CONFIG: (Bcp, Cts, Cml, Bro, Cro),
    ChargePhase.CHARGING: (Bcl, Bcs, Ccs, Bsm, Bmv, Bmt, Bsp),
    ChargePhase.STOP: (Bst, Cst),
    ChargePhase.END: (Bsd, Csd),
    ChargePhase.ERROR: (Bem, Cem),
}
_PHASE_OF = {kind: phase for phase, kinds in _MESSAGES_OF.items() for kind in kinds}


def phase_after(phase: ChargePhase, message: Message) -> ChargePhase:
    """The phase that a message leaves the process in.

    Messages of an earlier phase that straggle in change nothing. CRM 00 begins recognition again (a reconnect), CHM the
    handshake; out of an error only these, a stop or the end lead.
    """
    told = _PHASE_OF[type(message)]
    begins_again = isinstance(message, Chm) or (isinstance(message, Crm) and not message.recognised)
    if begins_again or told is ChargePhase.ERROR:
        return told
    if phase is ChargePhase.ERROR:
        return told if isinstance(message, Crm | Bst | Cst | Bsd | Csd) else phase
    return max(phase, told, key=_ORDER.index)


def begins_process(phase: ChargePhase, message: Message) -> bool:
    """Whether a message begins a new charging process: CHM after the handshake, CHM or CRM at rest or after the end."""
    if isinstance(message, Chm):
        return phase is not ChargePhase.HANDSHAKE
    return isinstance(message, Crm) and phase in (ChargePhase.IDLE, ChargePhase.END)
