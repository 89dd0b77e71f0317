"""Batteries, places, holds and swaps: the words of the station database.

A place is named as people and the API name it: `bay-N`, `isolation`, `transit`, `robot`, `truck:VIN`, and `away:ASSET`
for a battery that was sent away. A truck with several batteries has a place for each: `truck:VIN` is its first
position, `truck:VIN#2` and `truck:VIN#3` the others. A battery is in exactly one place, a place holds one at most.
"""

from __future__ import annotations

import re
from dataclasses import asdict, astuple, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from swapstation.errors import InputError
from swapstation.model.bypass import Bypass
from swapstation.model.dispatch import Dispatch
from swapstation.model.job import Job
from swapstation.model.mode import ModeState
from swapstation.model.power import Quarter

ROBOT = "robot"
TRANSIT = "transit"
MOST_POSITIONS = 3
"""Most batteries that one truck carries."""
_BAY = re.compile(r"bay-[1-9][0-9]*")
_TRUCK = re.compile(r"[^#]+(#[23])?")


class PlaceKind(StrEnum):
    """Kind of place, derived from its name."""

    BAY = "bay"
    ISOLATION = "isolation"
    TRANSIT = "transit"
    ROBOT = "robot"
    TRUCK = "truck"
    AWAY = "away"


def bay_place(number: int, isolation: bool = False) -> str:
    """Name of the place of a bay number; the isolation place has one name whatever its number."""
    return "isolation" if isolation else f"bay-{number}"


def truck_place(vin: str, position: int = 1) -> str:
    """Name of the place of a truck's battery position, counted from 1."""
    return f"truck:{vin}" if position == 1 else f"truck:{vin}#{position}"


def truck_places(vin: str, positions: int = MOST_POSITIONS) -> tuple[str, ...]:
    """Names of the places of a truck's first `positions` battery positions, in their order."""
    return tuple(truck_place(vin, position) for position in range(1, positions + 1))


def away_place(battery: str) -> str:
    return f"away:{battery}"


def place_kind(place: str) -> PlaceKind:
    """Kind of a place by its name; InputError for a name that is none."""
    head, _, tail = place.partition(":")
    if (tail and head == PlaceKind.AWAY) or (head == PlaceKind.TRUCK and _TRUCK.fullmatch(tail)):
        return PlaceKind(head)
    if place in (PlaceKind.ISOLATION, PlaceKind.TRANSIT, PlaceKind.ROBOT):
        return PlaceKind(place)
    if _BAY.fullmatch(place):
        return PlaceKind.BAY
    raise InputError("place", place, "bay-N, isolation, transit, robot, truck:VIN, truck:VIN#2 or #3, away:BATTERY")


@dataclass(frozen=True, slots=True)
class Battery:
    """One exchangeable battery: asset id, model, GB/T 34014 codes of its packs, where it is and its last known SOC.

    In doubt it is neither charged nor handed out until a person corrects the record; quarantined it is so until two
    people release it, the first of whom is `release_asked_by` while the second is awaited. `full_at`: when it was last
    charged full with a rest, `charges_since_full` how many charges have ended since.
    """

    battery: str
    model: str
    codes: tuple[str, ...]
    place: str
    soc_pct: float | None = None
    soc_at: datetime | None = None
    quarantined: bool = False
    doubtful: bool = False
    quarantine_reason: str = ""
    doubt_reason: str = ""
    release_asked_by: str = ""
    release_reason: str = ""
    release_asked_at: datetime | None = None
    full_at: datetime | None = None
    charges_since_full: int = 0

    @property
    def sound(self) -> bool:
        """Neither quarantined nor in doubt."""
        return not (self.quarantined or self.doubtful)


class HoldKind(StrEnum):
    """Why a battery or a place is held."""

    SWAP = "swap"
    JOB = "job"
    BOOKING = "booking"
    LOCK_OUT = "lock_out"


@dataclass(frozen=True, slots=True)
class Hold:
    """A claim on one battery or one place; only holds decide allocation. `expires_at` None = until ended.

    A booking for later is a promise: of any battery of `model` with `soc_pct` or more (None: ready) at `needed_at`;
    it holds no battery until one is set aside for it. Its truck expects to bring one with `return_soc_pct`.
    """

    hold: str
    kind: HoldKind
    battery: str | None = None
    place: str | None = None
    vin: str | None = None
    model: str | None = None
    person: str = ""
    created_at: datetime | None = None
    expires_at: datetime | None = None
    reason: str = ""
    needed_at: datetime | None = None
    soc_pct: float | None = None
    return_soc_pct: float | None = None


class Cause(StrEnum):
    """Why people leave the normal course of a swap; it decides where the batteries may go.

    `mechanical`: the old battery goes back onto the truck. `doubt` (heat, leak, insulation, mass): a battery in doubt
    never goes onto a truck, but to the isolation place. `go_on`: the swap is finished from where it stands.
    """

    MECHANICAL = "mechanical"
    DOUBT = "doubt"
    GO_ON = "go_on"


class SwapResult(StrEnum):
    """How a swap ended."""

    OPEN = "open"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long a step of a swap took: seconds, the recipe's target and the station's own baseline then (s).

    `software_s` are the seconds before its order was on the wire that our own journal and cycle took; None targets and
    baselines: there was none. `slow`: it took clearly longer than the baseline.
    """

    step: str
    seconds: float
    software_s: float = 0.0
    target_s: float | None = None
    baseline_s: float | None = None
    slow: bool = False


@dataclass(frozen=True, slots=True)
class PositionExchange:
    """The exchange at one position of a truck: which battery goes onto it out of which bay, which one comes off it.

    SOC in % as they were when the swap was allocated; None: nobody knew.
    """

    position: int
    fresh: str
    returned: str
    from_bay: int
    to_bay: int
    fresh_soc_pct: float | None = None
    returned_soc_pct: float | None = None


@dataclass(frozen=True, slots=True)
class Swap:
    """One swap and how far it is. The battery `fresh` goes onto the truck, `returned` comes off it.

    A truck with several batteries is exchanged position by position: `fresh`, `returned`, the bays and SOC are of
    `position`; `exchanged` are those that are done, `ahead` those that are still to come. A person may have chosen the
    battery (`wanted_battery`), the driver agreed to a lower SOC (`accept_soc_pct`), people may have attested by eye
    which batteries these are (`attested`), and `uneven_accepted_by` let the truck go with a set that is not a pair.
    """

    swap: str
    vin: str
    truck_model: str
    recipe: str
    recipe_hash: str
    step: str
    result: SwapResult = SwapResult.OPEN
    fresh: str | None = None
    returned: str | None = None
    from_bay: int | None = None
    to_bay: int | None = None
    booking: str | None = None
    person: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""
    wanted_battery: str | None = None
    accept_soc_pct: float | None = None
    attested: tuple[str, ...] = ()
    step_seconds: tuple[StepTime, ...] = ()
    position: int = 1
    fresh_soc_pct: float | None = None
    returned_soc_pct: float | None = None
    exchanged: tuple[PositionExchange, ...] = ()
    ahead: tuple[PositionExchange, ...] = ()
    uneven_accepted_by: str = ""

    @property
    def place(self) -> str:
        """Where on the truck the exchange is now."""
        return truck_place(self.vin, self.position)

    @property
    def allocated(self) -> tuple[PositionExchange, ...]:
        """The exchanges of every position, done or not; () before the swap has its batteries."""
        now = self.exchange
        return (*self.exchanged, now, *self.ahead) if now is not None else self.exchanged

    @property
    def exchange(self) -> PositionExchange | None:
        """The exchange at the present position; None before it is allocated and once all are done."""
        if self.fresh is None or self.returned is None or self.from_bay is None or self.to_bay is None:
            return None
        if any(each.position == self.position for each in self.exchanged):
            return None
        pct = self.fresh_soc_pct, self.returned_soc_pct
        return PositionExchange(self.position, self.fresh, self.returned, self.from_bay, self.to_bay, *pct)

    def gone_on(self) -> Swap:
        """The swap with the present position done, at the next one where there is another."""
        now = self.exchange
        if now is None:
            return self
        done = replace(self, exchanged=(*self.exchanged, now))
        if not self.ahead:
            return done
        following, *ahead = self.ahead
        return replace(done, **asdict(following), ahead=tuple(ahead))


@dataclass(frozen=True, slots=True)
class SeatOffset:
    """How far a truck's battery seat is off the nominal one of its model, in mm: along the lane, across it, up."""

    seat_x_mm: int = 0
    seat_y_mm: int = 0
    seat_z_mm: int = 0

    def within(self, most: SeatOffset) -> bool:
        """Whether it is on no axis further off than that, either way."""
        return all(abs(mm) <= most_mm for mm, most_mm in zip(astuple(self), astuple(most), strict=True))


NOMINAL_SEAT = SeatOffset()


@dataclass(frozen=True)
class Inventory:
    """Everything the station database says about stock at one instant, as the decisions see it."""

    batteries: tuple[Battery, ...] = ()
    places: tuple[str, ...] = ()
    trucks: tuple[tuple[str, str], ...] = ()
    holds: tuple[Hold, ...] = ()
    swap: Swap | None = None
    job: Job | None = None
    mode: ModeState = field(default_factory=ModeState)
    bypass: Bypass | None = None
    next_command_id: int = 1
    open_intents: tuple[tuple[int, str], ...] = field(default=())
    dispatches: tuple[Dispatch, ...] = ()
    quarter: Quarter | None = None
    seat_offsets: tuple[tuple[str, SeatOffset], ...] = ()

    def at(self, place: str) -> Battery | None:
        """The battery believed to be in a place."""
        return self._by_place.get(place)

    def battery(self, asset: str) -> Battery | None:
        return self._by_asset.get(asset)

    @cached_property
    def _by_place(self) -> dict[str, Battery]:
        return {battery.place: battery for battery in reversed(self.batteries)}

    @cached_property
    def _by_asset(self) -> dict[str, Battery]:
        return {battery.battery: battery for battery in reversed(self.batteries)}

    def by_code(self, code: str) -> Battery | None:
        """The battery that one of whose packs carries this GB/T 34014 code."""
        return next((battery for battery in self.batteries if code in battery.codes), None)

    def truck_model(self, vin: str) -> str | None:
        return next((model for known, model in self.trucks if known == vin), None)

    def seat_offset(self, vin: str) -> SeatOffset:
        """The offset on a truck's card; only those that are not nominal are listed in `seat_offsets`."""
        return next((offset for known, offset in self.seat_offsets if known == vin), NOMINAL_SEAT)

    def locked_out(self, place: str) -> bool:
        """Whether people have locked a place out, to work in it."""
        return any(hold.kind is HoldKind.LOCK_OUT and hold.place == place for hold in self.holds)

    def held(self, *, battery: str | None = None, place: str | None = None) -> Hold | None:
        """The hold on a battery or a place, if there is one."""
        return next(
            (
                hold
                for hold in self.holds
                if (battery is not None and hold.battery == battery) or (place is not None and hold.place == place)
            ),
            None,
        )
