"""A station over several cycles in which signs of fire come and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from swapstation.model.alarm import AlarmState
from swapstation.model.alarm_request import AcknowledgeAlarm
from swapstation.model.command import Command
from swapstation.model.journal import (
    Record,
)
from swapstation.model.request import (
    Answer,
    Payload,
    Refused,
    Request,
)
from swapstation.model.snapshot import Snapshot
from swapstation.station.decide import decide
from swapstation.station.draft import Draft
from swapstation.station.fire import WITNESSES
from swapstation.station.memory import Memory
from swapstation.station.people import for_people
from tests.station.situations import (
    config,
    draft,
    rules,
    snapshot,
    with_value,
)

Change = Callable[[Snapshot], Snapshot]
LIMITS = config().limits


def value(path: str, **changes: Any) -> Change:
    return lambda now: with_value(now, path, lambda value: replace(value, **changes))


def calm(now: Snapshot) -> Snapshot:
    return now


def charge_says(**changes: Any) -> Change:
    return value("1.charge", **changes)


# A course of cycles ends with the sign standing: each sign, the device that tells it, and how it comes in bay 1.
SIGNS: dict[str, tuple[str, str, list[tuple[float, Change]]]] = {
    "smoke": ("BAY_SMOKE", "1.io", [(0.0, value("1.io", smoke=True))]),
    "hot bay": ("BATTERY_HOT", "1.io", [(0.0, value("1.io", temperature_c=60.5))]),
    "hot battery": ("BATTERY_HOT", "1.charge", [(0.0, charge_says(max_temperature_c=55.5))]),
    "BSM": ("BMS_OVER_TEMPERATURE", "1.charge", [(0.0, charge_says(faults=("over_temperature",)))]),
    "BST": ("BMS_OVER_TEMPERATURE", "1.charge", [(0.0, charge_says(stop_reasons=("pack_over_temperature",)))]),
    "heating": (
        "BATTERY_HEATING",
        "1.charge",
        [(second, charge_says(max_temperature_c=30.0 + second)) for second in range(13)],
    ),
    "voltage": (
        "BATTERY_VOLTAGE_COLLAPSED",
        "1.charge",
        [(0.0, charge_says(voltage_v=650.0)), (2.0, charge_says(voltage_v=500.0))],
    ),
}


class Plan:
    """A station over several cycles, told what its sensors show; the journal is as fast as the cycle."""

    def __init__(self, start: Snapshot | None = None, **memory: Any) -> None:
        self.now = start or snapshot()
        self.now_s = 100.0
        self.memory: Memory = draft(self.now, **memory).memory
        self.sent: list[Command] = []
        self.records: list[Record] = []
        self.answers: list[Answer] = []

    def cycle(self, change: Change = calm, *payloads: Payload, after_s: float = 0.1, by: str = "wang") -> None:
        """One cycle with what `change` makes of the calm station."""
        self.now_s += after_s
        now = replace(change(self.now), now_s=self.now_s, state=self.memory.state)
        now = replace(now, inventory=replace(now.inventory, next_command_id=self.memory.next_command_id))
        requests = tuple(Request(f"{self.now_s}-{at}", by, payload) for at, payload in enumerate(payloads))
        decision = decide(rules(), now, self.memory, requests)
        self.memory = decision.memory
        self.sent = [sending.command for sending in decision.sendings]
        self.records = [record for batch in decision.batches for record in batch.records]
        self.answers = [batch.answer for batch in decision.batches if batch.answer is not None]
        self.seen = for_people(Draft(rules(), now, self.memory))

    def course(self, name: str) -> Change:
        """Let a sign come; returns what keeps it standing."""
        began_s = self.now_s
        change: Change = calm
        for second, change in SIGNS[name][2]:
            self.cycle(change, after_s=began_s + second + 0.1 - self.now_s)
        return change

    @property
    def alarms(self) -> dict[str, AlarmState]:
        return {alarm.alarm: alarm.state for alarm in self.memory.alarms}

    def stopped(self) -> tuple[int, ...]:
        return self.seen.fire.reaction.stopped_bays

    def of(self, kind: type[Record]) -> list[Any]:
        return [record for record in self.records if isinstance(record, kind)]

    def answer(self) -> Answer:
        (answer,) = self.answers
        return answer

    def reasons(self) -> tuple[str, ...]:
        answer = self.answer()
        return answer.reasons if isinstance(answer, Refused) else ()

    def acknowledge_all(self) -> None:
        """Acknowledge every fire alarm of a bay that has gone."""
        for alarm in self.memory.alarms:
            if alarm.code in WITNESSES:
                self.cycle(calm, AcknowledgeAlarm(alarm.alarm))
