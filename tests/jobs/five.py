"""Five jobs that a new operator meets in the first weeks, done at a real station by the console alone.

The station's own events (a truck comes, a lock jams, a battery heats up) are the simulator's, and what a mechanic does
with his tools is too. All else is pressed on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from swapstation.demo.people import FIRST
from swapstation.demo.run import Demo
from swapstation.demo.station_file import TRUCK_SOC_PCT, TRUCKS
from swapstation.model.inventory import truck_place
from tests.jobs.hands import ENABLED, Hands
from tests.pictures.waiting import PATIENCE_S, batteries

OTHER_CODES = ["999PB0A0000001E6K9999999"]
HOT_BAY = 6
CAP_KW = "300"


def start_a_shift(demo: Demo, hands: Hands) -> None:
    """Log in, look at the survey, let the station work."""
    hands.write("#door-account", FIRST)
    hands.write("#door-secret", demo.pins[FIRST])
    hands.press("#log-in button[type=submit]")
    hands.press("nav a", "换电")
    hands.watch(f"[data-action=confirm_start_up]{ENABLED}")
    hands.press("[data-action=confirm_start_up]")
    hands.hold("#sheet-go")
    hands.watch("#state", "待机")


def a_lock_fails(demo: Demo, hands: Hands) -> None:
    """A truck comes, its lock jams, a mechanic frees it, the swap goes on to its end."""
    demo.simulator.do("fault", name="lock_no_confirm", on=True)
    _begin_swap(demo, hands, TRUCKS[0])
    hands.watch("#banner", "车辆锁止未打开")
    hands.press("#banner a.first")
    hands.press("#alarm-card button", "确认")
    demo.simulator.do("fault", name="lock_no_confirm", on=False)
    hands.press("#alarm-card a", "查看")
    _resume(hands)
    _see_through(demo, hands)


def a_wrong_battery(demo: Demo, hands: Hands) -> None:
    """A truck brings a battery that is not on record as its own: no swap, and the truck leaves as it came."""
    vin = TRUCKS[1]
    carried = next(each for each in batteries(demo) if each["place"] == truck_place(vin))
    correct = f"/batteries/{carried['battery']}/correct"
    demo.second.post(correct, {"reason": "for the job", "codes": OTHER_CODES})
    demo.simulator.do("truck_arrives", vin=vin, soc_pct=TRUCK_SOC_PCT)
    hands.watch("#banner", carried["battery"])
    hands.press("#banner a.first")
    hands.press("#alarm-card button", "确认")
    demo.until("the truck leaves", PATIENCE_S, lambda: _leaves(demo))
    demo.second.post(correct, {"reason": "read", "codes": carried["codes"]})


def the_grid_caps(demo: Demo, hands: Hands) -> None:
    """The grid calls: 300 kW at most for an hour."""
    hands.press("nav a", "充电")
    hands.write("#cap-kw", CAP_KW)
    hands.press("[data-action=set_cap]")
    hands.press("#sheet-go")
    hands.watch("#caps li", f"{CAP_KW} kW")
    limit = demo.until("the cap counts", PATIENCE_S, lambda: demo.snapshot()["power"]["charging_kw"])
    assert limit <= float(CAP_KW), f"charging may take {limit} kW"


def a_hot_battery(demo: Demo, hands: Hands) -> None:
    """A battery heats itself up: see which, and keep it from every truck."""
    demo.simulator.do("fault", name="thermal_runaway", target=str(HOT_BAY), on=True)
    hands.watch("#banner", f"bay-{HOT_BAY}")
    hands.press("#banner a.first")
    hands.press("#alarm-card button", "确认")
    hands.press("#alarm-card a", "查看")
    hands.press("button", "隔离")
    hands.write("#sheet-reason", "自己发热")
    hands.press("#sheet-go")
    demo.until("the battery is in quarantine", PATIENCE_S, lambda: _quarantined(demo))


JOBS: Mapping[str, Callable[[Demo, Hands], None]] = {
    "start a shift": start_a_shift,
    "a swap with a lock that fails": a_lock_fails,
    "a wrong battery brought by a truck": a_wrong_battery,
    "a power cap from the grid": the_grid_caps,
    "a hot battery": a_hot_battery,
}


def _begin_swap(demo: Demo, hands: Hands, vin: str) -> None:
    """A truck drives in, and its swap is begun as soon as it can be."""
    demo.simulator.do("truck_arrives", vin=vin, soc_pct=TRUCK_SOC_PCT)
    hands.press("nav a", "换电")
    hands.watch(f"[data-action=swap]{ENABLED}")
    hands.press("[data-action=swap]")
    hands.hold("#sheet-go")


def _resume(hands: Hands) -> None:
    hands.watch(f"[data-action=resume]{ENABLED}")
    hands.press("[data-action=resume]")
    hands.hold("#sheet-go")


def _see_through(demo: Demo, hands: Hands) -> None:
    hands.watch("#state", "待机")
    demo.until("the truck has left", PATIENCE_S, lambda: demo.simulator.do("state")["truck"] is None or None)


def _leaves(demo: Demo) -> bool | None:
    """Once it stands: the driver cannot before."""
    try:
        demo.simulator.do("truck_leaves")
    except RuntimeError:
        return None
    return True


def _quarantined(demo: Demo) -> bool | None:
    return next((True for each in batteries(demo) if each["place"] == f"bay-{HOT_BAY}" and each["quarantined"]), None)
