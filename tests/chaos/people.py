"""The people of a station under attack, over the HTTP API: a dispatcher who sends trucks, an operator who sets right.

They do what the snapshot allows and correct the record where they see with their own eyes that it is wrong; the same
habits as swapstation/twin/people.py.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle
from typing import Any
from urllib.parse import quote

from swapstation.demo.processes import ProcessDied
from swapstation.demo.run import Demo, DemoFailed
from swapstation.demo.station_file import TRUCK_SOC_PCT, TRUCKS
from swapstation.model.inventory import ROBOT, Cause
from tests.chaos.ledger import Desk

LOOK_S = 0.15
PATIENCE = 3
"""Resumes at one step before an operator leads the swap out of it."""

Snapshot = dict[str, Any]


class People:
    """Look, act once, look again."""

    def __init__(self, demo: Demo, desk: Desk) -> None:
        self._demo, self._desk = demo, desk
        self._trucks = cycle(TRUCKS[:2])
        self._tried: Counter[tuple[str, str, int]] = Counter()
        self.send_trucks = True

    def until(self, what: str, patience_s: float, done: Callable[[Snapshot], bool], act: bool = True) -> Snapshot:
        """Act, if they may, until the station shows it; DemoFailed says at what they gave up."""
        end_s = time.monotonic() + patience_s
        snapshot: Snapshot = {}
        while time.monotonic() < end_s:
            self._demo.processes.check()
            try:
                received = self._demo.api.get("/snapshot")
                snapshot = received["snapshot"] or {}
                if snapshot and received["connected"] and received["received_age_s"] < 1.0:
                    if done(snapshot):
                        return snapshot
                    if act:
                        self._act(snapshot)
            except ProcessDied:
                raise
            except (OSError, ValueError):  # somebody is dead or frozen just now
                pass
            time.sleep(LOOK_S)
        raise DemoFailed(f"waited {patience_s:.0f} s in vain until {what}: {_told(snapshot)}")

    def _act(self, snapshot: Snapshot) -> None:
        allowed = {each["action"] for each in snapshot["actions"] if each["allowed"]}
        for alarm in snapshot["alarms"]:
            if alarm["state"] != "acknowledged":
                self._desk.ask(f"/alarms/{quote(alarm['alarm'])}/acknowledge")
        if snapshot["inventory"]["mode"]["mode"] != "automatic" and self._truth()["robot"]["grips"] is None:
            self._desk.ask("/station/mode", {"mode": "automatic", "reason": "all is well"})
        if "confirm_start_up" in allowed and snapshot["state"] == "aborted":
            self._desk.ask("/station/confirm-start-up")
        elif snapshot["state"] == "held":
            self._held(snapshot, allowed)
        elif snapshot["state"] == "idle" and snapshot["swap"] is None:
            self._idle(snapshot, allowed)

    def _held(self, snapshot: Snapshot, allowed: set[str]) -> None:
        swap = (snapshot["inventory"]["swap"] or {}).get("swap")
        key = (swap or "", (snapshot["swap"] or {}).get("step", ""), snapshot["boot"])
        if swap is None or self._tried[key] >= PATIENCE:
            self._stock(snapshot)
        if "resume" not in allowed:
            return
        self._tried[key] += 1
        causes = [cause for cause in Cause if f"divert_swap_{cause}" in allowed]
        why = {"reason": "does not go on"}
        if swap is None or self._tried[key] <= PATIENCE:
            self._desk.ask("/station/resume")
        elif "abandon_swap" in allowed:
            self._desk.ask(f"/swaps/{swap}/abandon", why)
        elif causes and self._tried[key] <= 2 * PATIENCE:
            self._desk.ask(f"/swaps/{swap}/divert", why | {"cause": causes[self._tried[key] % len(causes)]})
        elif self._tried[key] <= 3 * PATIENCE:
            self._desk.ask("/station/resume")
        else:
            self._desk.ask(f"/swaps/{swap}/close", why)
            self._desk.ask(f"/swaps/{swap}/confirm-close", second=True)

    def _idle(self, snapshot: Snapshot, allowed: set[str]) -> None:
        truth = self._truth()
        self._stock(snapshot)
        if truth["robot"]["grips"] is not None:
            self._put_down(snapshot, truth)
        elif truth["truck"] is None:
            if self.send_trucks:
                self._demo.simulator.do("truck_arrives", vin=next(self._trucks), soc_pct=TRUCK_SOC_PCT)
        elif truth["truck"]["phase"] == "standing":
            self._at_the_truck(truth["truck"]["vin"], "swap" in allowed)

    def _at_the_truck(self, vin: str, may_swap: bool) -> None:
        """Swap it; when no more swaps are wanted it drives off, if it can."""
        if not self.send_trucks:
            with suppress(RuntimeError):
                self._demo.simulator.do("truck_leaves")
                return
        if may_swap:
            self._desk.ask("/swaps", {"vin": vin})

    def _put_down(self, snapshot: Snapshot, truth: Snapshot) -> None:
        if snapshot["inventory"]["mode"]["mode"] != "maintenance":
            self._desk.ask("/station/mode", {"mode": "maintenance", "reason": "a battery hangs"})
            return
        taken = {battery["place"] for battery in truth["batteries"]}
        free = [bay["number"] for bay in snapshot["bays"] if not bay["isolation"] and bay["place"] not in taken]
        self._desk.ask("/jobs", {"job": "put", "to_bay": free[0]})

    def _stock(self, snapshot: Snapshot) -> None:
        """Bring the record in line with what stands there."""
        truth = {battery["battery"]: battery["place"] for battery in self._truth()["batteries"]}
        recorded = {battery["place"]: battery["battery"] for battery in snapshot["inventory"]["batteries"]}
        for battery in snapshot["inventory"]["batteries"]:
            name, place = battery["battery"], truth[battery["battery"]]
            if battery["quarantined"]:
                self._desk.ask(f"/batteries/{name}/release", {"reason": "inspected"})
                self._desk.ask(f"/batteries/{name}/confirm-release", second=True)
            elif place != ROBOT and (battery["place"] != place or battery["doubtful"]):
                other = recorded.get(place, name)
                if other != name:
                    free = next(bay["place"] for bay in snapshot["bays"] if bay["place"] not in recorded)
                    self._desk.ask(f"/batteries/{other}/correct", {"reason": "stands elsewhere", "place": free})
                self._desk.ask(f"/batteries/{name}/correct", {"reason": "looked", "place": place})

    def _truth(self) -> Snapshot:
        return self._demo.simulator.do("state")


def _told(snapshot: Snapshot) -> str:
    swap = snapshot.get("swap") or {}
    alarms = [alarm["alarm"] for alarm in snapshot.get("alarms", [])]
    reasons = [each["reasons"] for each in snapshot.get("actions", []) if each["action"] == "resume"]
    waits = f"step {swap.get('step')} {swap.get('waiting_for')}, resume {reasons}"
    return f"state {snapshot.get('state')} {snapshot.get('hold_reasons')}, {waits}, alarms {alarms}"
