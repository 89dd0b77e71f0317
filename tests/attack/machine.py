"""Chains of requests that follow what the description and earlier answers say, in turn by every role.

Each answer is held against the description. Faults are collected, not raised: one must not hide the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky, Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from swapstation.model.people import Role
from tests.attack.callers import VICTIM, WHO, Callers

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
STEPS = 12
"""Longest chain."""
_ENDS_ITS_SESSION = "DELETE /api/v1/session"


@dataclass(slots=True)
class Told:
    """What came of an attack: answers by caller and by status, operations that were reached, faults with an example."""

    by_caller: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        return sum(self.by_status.values())

    @property
    def server_errors(self) -> int:
        return sum(count for status, count in self.by_status.items() if status >= 500)


class Attack:
    """One description, one server, its callers."""

    def __init__(self, description: dict[str, Any], callers: Callers) -> None:
        self.told = Told()
        self.schema = schemathesis.openapi.from_dict(description)
        self.operations: list[APIOperation[Any, Any, Any, Any]] = [
            result.ok() for result in self.schema.get_all_operations() if isinstance(result, Ok)
        ]
        self._callers = callers
        self._turn: Iterator[str] = cycle(who for other in WHO for who in (Role.ADMIN.value, other))

    def next_caller(self) -> str:
        """In turn; every second one is the admin, whom nothing of a request's content is hidden from by a refusal."""
        return next(self._turn)

    def send(self, case: Case[Any], who: str) -> Response:
        """Send a case as somebody, note what was answered."""
        _spare(case, self._callers.key_ids)
        response = case.call(base_url=self._callers.url, headers=self._callers.headers(who))
        self.told.by_caller[who] += 1
        self.told.by_status[response.status_code] += 1
        self.told.operations[case.operation.label] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            found = failure.exceptions if isinstance(failure, FailureGroup) else (failure,)
            for each in found:
                name = f"{case.operation.label}: {type(each).__name__} {response.status_code}"
                self.told.faults.setdefault(name, f"as {who}: {each}\n{case.as_curl_command()}\n{response.text[:500]}")
        if response.status_code == 401 or case.operation.label == _ENDS_ITS_SESSION:
            self._callers.forget_ended(who)
        return response

    def chains(self, cases: int, seed: int) -> None:
        """Send chains until so many cases were sent."""
        attack, wanted = self, self.told.cases + cases

        class Machine(self.schema.as_state_machine()):  # type: ignore[misc]
            def setup(self) -> None:
                self.who = attack.next_caller()

            def call(self, case: Case[Any], **_: Any) -> Response:
                return attack.send(case, self.who)

            def validate_response(self, response: Response, case: Case[Any], *_: Any, **__: Any) -> None:
                """It was held against the description as it was sent."""

        while self.told.cases < wanted:
            seed += 1
            scenarios = max((wanted - self.told.cases) // STEPS, 1)
            machine: type[APIStateMachine] = hypothesis.seed(seed)(Machine)
            with suppress(Flaky):  # a station answers the same question differently later: the next seed goes on
                machine.run(settings=_settings(max_examples=scenarios, stateful_step_count=STEPS))

    def each_operation(self, examples: int, seed: int) -> None:
        """Send good and bad input to every operation, in turn by every role."""
        for operation in self.operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

                @hypothesis.seed(seed)
                @_settings(max_examples=examples)
                @given(case=operation.as_strategy(generation_mode=mode))
                def sent(case: Case[Any]) -> None:
                    self.send(case, self.next_caller())

                try:
                    sent()
                except Unsatisfiable:
                    assert mode is GenerationMode.NEGATIVE, "only an operation without any input has no bad input"


def _settings(**values: Any) -> settings:
    return settings(
        phases=[Phase.generate], deadline=None, database=None, suppress_health_check=list(HealthCheck), **values
    )


def _spare(case: Case[Any], own_keys: frozenset[str]) -> None:
    """Turn what would end an attacker's own account or key toward the victim."""
    parameters = case.path_parameters or {}
    for name, own in (("account", WHO), ("key", own_keys)):
        if parameters.get(name) in own:
            parameters[name] = VICTIM
