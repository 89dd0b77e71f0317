"""Writes the recovery tables of docs/reliability.md: `python -m tests.reliability.recovery_table`."""

from __future__ import annotations

from collections.abc import Iterable

from swapstation.config.settings import Exchange
from swapstation.model.snapshot import Verdict
from tests.reliability.crashes import Phase
from tests.reliability.document import write_section
from tests.reliability.recovery import Recovered, job_recoveries, swap_recoveries, way_recoveries

HEAD = ("step", "crash", "survey", "open orders are found", "proposal", "after confirmation and resume")
NOTHING = "-"


def section() -> str:
    """The text between the markers."""
    swaps = {exchange: swap_recoveries(exchange) for exchange in Exchange}
    parts = [_counted(swaps)]
    for exchange, recoveries in swaps.items():
        parts.append(f'### `exchange = "{exchange.value}"`\n\n{_table(recoveries)}')
    parts.append(f"### Ways out, begun in either arrangement\n\n{_table(way_recoveries())}")
    parts.append(f"### Jobs\n\n{_table(job_recoveries())}")
    return "\n\n".join(parts)


def _counted(swaps: dict[Exchange, tuple[Recovered, ...]]) -> str:
    counts = [f'{len(each)} crashes of a swap with `exchange = "{name.value}"`' for name, each in swaps.items()]
    counts += [f"{len(way_recoveries())} on ways out", f"{len(job_recoveries())} of jobs"]
    every = [*(each for found in swaps.values() for each in found), *way_recoveries(), *job_recoveries()]
    unasked = sum(bool(each.unasked) for each in every)
    return f"{', '.join(counts)}. Commands that left before a person had confirmed: {unasked}."


def _table(recoveries: Iterable[Recovered]) -> str:
    rows: dict[tuple[str, str], list[tuple[str, ...]]] = {}
    for each in recoveries:
        rows.setdefault((each.crash.step or "(over)", _crash(each)), []).append(
            (_survey(each), _orders(each), _proposals(each), _after(each))
        )
    lines = ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
    for (step, crash), texts in rows.items():
        cells = [" *or* ".join(dict.fromkeys(column)) for column in zip(*texts, strict=True)]
        lines.append("| " + " | ".join((step, crash, *cells)) + " |")
    return "\n".join(lines)


def _crash(each: Recovered) -> str:
    return each.crash.phase.value if each.crash.phase is Phase.NONE else f"{each.crash.order}: {each.crash.phase.value}"


def _survey(each: Recovered) -> str:
    differing = [f"{_place(one.place)} {_sensed(one.sensed)}" for one in each.survey.findings if _differs(one.verdict)]
    verdicts = {one.verdict.value for one in each.survey.findings if _differs(one.verdict)}
    return f"{', '.join(differing)}: {', '.join(sorted(verdicts)).replace('_', ' ')}" if differing else "agrees"


def _differs(verdict: Verdict) -> bool:
    return verdict is not Verdict.AGREES


def _place(place: str) -> str:
    return place.partition(":")[0]


def _sensed(sensed: str) -> str:
    return "has a battery" if sensed[:3].isdigit() else sensed


def _orders(each: Recovered) -> str:
    return ", ".join(f"{one.command} {one.verdict.value.replace('_', ' ')}" for one in each.survey.orders) or NOTHING


def _proposals(each: Recovered) -> str:
    said = [*(one.proposal for one in each.survey.orders), *(one.proposal for one in each.survey.findings)]
    found = dict.fromkeys(proposal.removeprefix("propose_") for proposal in said if proposal)
    return ", ".join(found) or NOTHING


def _after(each: Recovered) -> str:
    """Whether the order of the crash left once more, and how the work ended."""
    if not each.confirmed.memory.confirmed:
        return "confirmation refused"
    return f"{_again(each)}{f'held: {each.held}' if each.held else 'ended as ordered'}"


def _again(each: Recovered) -> str:
    if each.crash.phase is Phase.NONE:
        return ""
    intents = {name: number for number, name in each.crash.left.snapshot.inventory.open_intents}
    sent = [one for cycle in each.end.since(each.confirmed) for one in cycle.decision.sendings]
    same = [one.command_id for one in sent if type(one.command).__name__ == each.crash.order]
    if not same:
        return "not sent again; "
    return "sent again, same id; " if intents.get(each.crash.order) in same else "ordered anew; "


if __name__ == "__main__":
    write_section("recovery", section())
