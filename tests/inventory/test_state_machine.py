"""Random records and changes against a simple model: no battery is lost, doubled, or in two places (conservation)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from swapstation.inventory.journal import JournalError, open_station_database, start_boot, write
from swapstation.inventory.queries import events_after, load_inventory
from swapstation.model.inventory import Hold, HoldKind, Inventory
from swapstation.model.journal import BatteryMoved, HoldEnded, HoldPlaced, InventoryChanged, Record
from swapstation.model.request import (
    ConfirmRelease,
    CorrectBattery,
    CountedPlace,
    InventoryChange,
    MoveBatteryRecord,
    QuarantineBattery,
    ReleaseQuarantine,
    SendBatteryAway,
    StockCheck,
)
from swapstation.model.truck_request import RegisterTruck
from tests.inventory.stock import AT, VIN, receive, station_config

REACHABLE = ("bay-1", "bay-2", "bay-3", "isolation", f"truck:{VIN}")
PLACES = st.sampled_from((*REACHABLE, "robot", "away:B1", "bay-99"))
NUMBERS = st.integers(1, 5)
PEOPLE = st.sampled_from(("li", "Li", "wang", "console"))


class StockModel(RuleBasedStateMachine):
    """`place` is the model: where each battery is; `held` the open holds of batteries."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="swapstation-")
        self.engine = open_station_database(station_config(Path(self.folder.name)))
        self.boot = start_boot(self.engine, "0.1.0", "abc", AT)
        self.place: dict[str, str] = {}
        self.held: set[str] = set()
        self.quarantined: set[str] = set()
        self.doubtful: set[str] = set()
        self.asked: dict[str, str] = {}
        self.events = 1
        self.write(InventoryChanged(RegisterTruck(VIN, "tractor-6x4"), "li"))

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()

    def write(self, *records: Record) -> bool:
        """Write a batch; whether the journal took it."""
        try:
            write(self.engine, records, AT, self.boot)
        except JournalError:
            return False
        self.events += len(records)
        return True

    def change(self, change: InventoryChange, person: str = "li") -> bool:
        return self.write(InventoryChanged(change, person))

    def free(self, place: str) -> bool:
        return place in (*REACHABLE, "robot") and place not in self.place.values()

    @rule(number=NUMBERS, place=PLACES)
    def receive(self, number: int, place: str) -> None:
        name = f"B{number}"
        here = name in self.place and self.place[name] != f"away:{name}"
        done = self.change(receive(number, place))
        assert done == (not here and self.free(place) and place != "robot" and name not in self.quarantined)
        if done:
            self.place[name] = place
            self.doubtful.discard(name)
            if place == "isolation":
                self.quarantined.add(name)

    @rule(number=NUMBERS)
    def send_away(self, number: int) -> None:
        name = f"B{number}"
        at_rest = self.place.get(name, "robot") not in ("robot", f"away:{name}")
        done = self.change(SendBatteryAway(name, "service"))
        assert done == (at_rest and name not in self.held)
        if done:
            self.place[name] = f"away:{name}"

    @rule(number=NUMBERS, place=PLACES)
    def move_by_hand(self, number: int, place: str) -> None:
        name = f"B{number}"
        at_rest = self.place.get(name, "robot") not in ("robot", f"away:{name}")
        done = self.change(MoveBatteryRecord(name, place))
        welcome = place != "isolation" or name in self.quarantined or name in self.doubtful
        assert done == (at_rest and self.free(place) and place != "robot" and welcome)
        if done:
            self.place[name] = place

    @rule(number=NUMBERS)
    def quarantine(self, number: int) -> None:
        name = f"B{number}"
        done = self.change(QuarantineBattery(name, "dented"))
        assert done == (name in self.place)
        if done:
            self.quarantined.add(name)
            self.asked.pop(name, None)

    @rule(number=NUMBERS, person=PEOPLE)
    def ask_for_release(self, number: int, person: str) -> None:
        name = f"B{number}"
        done = self.change(ReleaseQuarantine(name, "tested"), person)
        assert done == (name in self.quarantined and name not in self.asked and person != "console")
        if done:
            self.asked[name] = person

    @rule(number=NUMBERS, person=PEOPLE)
    def confirm_release(self, number: int, person: str) -> None:
        name = f"B{number}"
        done = self.change(ConfirmRelease(name), person)
        other = name in self.asked and person.lower() != self.asked[name].lower() and person != "console"
        assert done == other
        if done:
            self.quarantined.remove(name)
            del self.asked[name]

    @rule(number=NUMBERS, place=PLACES)
    def correct(self, number: int, place: str) -> None:
        name = f"B{number}"
        allowed = self.free(place) or place in (self.place.get(name), f"away:{name}")
        done = self.change(CorrectBattery(name, "seen", place=place))
        assert done == (name in self.place and allowed)
        if done:
            self.place[name] = place
            self.doubtful.discard(name)

    @rule(number=NUMBERS, origin=PLACES, through=PLACES, destination=PLACES)
    def carry(self, number: int, origin: str, through: str, destination: str) -> None:
        """Two confirmed moves in one batch: both or none."""
        name = f"B{number}"
        known = {*REACHABLE, "robot", *self.place.values()}
        taken = set(self.place.values()) - {origin}
        done = self.write(
            BatteryMoved(name, origin, through, ("presence",)),
            BatteryMoved(name, through, destination, ("weight",)),
        )
        expected = self.place.get(name) == origin and through not in taken and destination not in taken
        assert not done or expected
        assert done or not (expected and {through, destination} <= known)
        if done:
            self.place[name] = destination

    @rule(number=NUMBERS)
    def hold_or_release(self, number: int) -> None:
        name = f"B{number}"
        if name in self.held:
            assert self.write(HoldEnded(f"H{self._holds(name)}-{name}", "cancelled"))
            self.held.remove(name)
        else:
            hold = Hold(f"H{self._holds(name) + 1}-{name}", HoldKind.BOOKING, battery=name)
            assert self.write(HoldPlaced(hold)) == (name in self.place)
            if name in self.place:
                self.held.add(name)
                assert not self.write(HoldPlaced(Hold("again", HoldKind.SWAP, battery=name)))

    @rule(place=st.sampled_from(REACHABLE), number=st.none() | NUMBERS)
    def count(self, place: str, number: int | None) -> None:
        counted = None if number is None else f"B{number}"
        recorded = next((name for name, at in self.place.items() if at == place), None)
        assert self.change(StockCheck((CountedPlace(place, counted),)))
        if recorded != counted:
            self.doubtful |= {name for name in (recorded, counted) if name in self.place}

    @invariant()
    def every_battery_is_where_the_model_has_it(self) -> None:
        inventory = self._inventory()
        assert {battery.battery: battery.place for battery in inventory.batteries} == self.place
        assert len(set(self.place.values())) == len(self.place)
        assert {hold.battery for hold in inventory.holds} == self.held

    @invariant()
    def only_two_people_end_a_quarantine(self) -> None:
        batteries = self._inventory().batteries
        assert {battery.battery for battery in batteries if battery.quarantined} == self.quarantined
        assert {battery.battery for battery in batteries if battery.doubtful} == self.doubtful

    @invariant()
    def events_have_no_gap(self) -> None:
        with self.engine.connect() as connection:
            numbers = [event.sequence for event in events_after(connection, 0, limit=10_000)]
        assert numbers == list(range(1, self.events + 1))

    def _inventory(self) -> Inventory:
        with self.engine.connect() as connection:
            return load_inventory(connection)

    def _holds(self, name: str) -> int:
        with self.engine.connect() as connection:
            events = events_after(connection, 0, limit=10_000)
        return sum(event.kind == "HoldPlaced" and event.body["hold"]["battery"] == name for event in events)


StockModel.TestCase.settings = settings(settings.get_profile("default"), max_examples=25, stateful_step_count=20)
TestStockModel = StockModel.TestCase
