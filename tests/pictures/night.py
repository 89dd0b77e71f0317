"""Pictures of what goes wrong around a swap: a lock, a power cut, another battery."""

from __future__ import annotations

from playwright.sync_api import Page

from swapstation.demo.run import START_PATIENCE_S, Demo
from swapstation.demo.station_file import TRUCKS
from swapstation.model.inventory import truck_place
from tests.pictures.camera import BOTH, DESK, Camera
from tests.pictures.waiting import alarm, batteries, begin, go_on, step, wait_allowed

OTHER_CODES = ["999PB0A0000001E6K9999999"]


def pictures(demo: Demo, camera: Camera) -> None:
    """Each trouble is mended before the next."""
    begin(demo, camera)
    _lock_failure(demo, camera)
    _power_cut(demo, camera)
    _wrong_battery(demo, camera)


def _lock_failure(demo: Demo, camera: Camera) -> None:
    demo.simulator.do("fault", name="lock_no_confirm", on=True)
    swap = demo.begin(TRUCKS[0])
    raised = alarm(demo, "LOCK_NOT_OPEN")
    camera.shoot("lock-failure-overview", "a lock did not open: the swap is held, the alarm says why", "overview", BOTH)
    camera.shoot("lock-failure-card", "the card of the alarm: cause, consequence, what to do", f"alarms/{raised}", BOTH)
    camera.shoot("lock-failure", "the ways out of a held swap", "swap")
    demo.simulator.do("fault", name="lock_no_confirm", on=False)
    wait_allowed(demo, "resume")
    camera.shoot("sheet", "the sheet of what moves something: interlocks, and 2 s of holding", "swap", DESK, _ask)
    for view in DESK:
        camera.pages[view].locator("#sheet-cancel").click()
    go_on(demo, swap)


def _ask(page: Page) -> None:
    page.locator("[data-action=resume]").first.click()
    page.locator("#sheet-go").wait_for()


def _power_cut(demo: Demo, camera: Camera) -> None:
    swap = demo.begin(TRUCKS[1])
    step(demo, "lift", "put")
    demo.processes.kill("controller")
    camera.shoot("stale", "no data: values are struck through, Hold works", "overview", BOTH)
    demo.processes.restart("controller")
    wait_allowed(demo, "confirm_start_up")
    camera.shoot("power-cut", "after a power cut in a swap: what the sensors say of each place", "swap")
    demo.until("the start-up is confirmed", START_PATIENCE_S, demo.confirm)
    wait_allowed(demo, "resume")
    camera.shoot("power-cut-held", "start-up confirmed: the swap is held until Resume", "swap")
    go_on(demo, swap)


def _wrong_battery(demo: Demo, camera: Camera) -> None:
    """The record is made to name another battery than the one that the truck carries."""
    vin = TRUCKS[2]
    carried = next(each for each in batteries(demo) if each["place"] == truck_place(vin))
    correct = f"/batteries/{carried['battery']}/correct"
    demo.api.post(correct, {"reason": "for the picture", "codes": OTHER_CODES})
    swap = demo.begin(vin)
    raised = alarm(demo, "TRUCK_NOT_IDENTIFIED")
    camera.shoot("wrong-battery", "the truck brought another battery than the record says", "swap", BOTH)
    camera.shoot("wrong-battery-card", "the card of the alarm", f"alarms/{raised}")
    demo.api.post(correct, {"reason": "the codes were read", "codes": carried["codes"]})
    go_on(demo, swap)
