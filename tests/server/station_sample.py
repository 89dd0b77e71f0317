"""A station in the middle of a swap, as a snapshot: eight bays, seven batteries, a truck, two alarms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from swapstation.config.limits import Limits
from swapstation.config.link_settings import Links
from swapstation.config.server_settings import Server
from swapstation.config.settings import BatteryModel, Bay, Config, Exchange, TruckModel
from swapstation.model.alarm import Alarm, AlarmState, Priority
from swapstation.model.charge_goal import ChargeGoal
from swapstation.model.charge_plan import Availability, ChargePlan, PlannedBay, PlanReason, PlanStep, PlanWatch
from swapstation.model.device import (
    BatteryCharge,
    ChargePhase,
    ChargingModule,
    LinkStatus,
    LockState,
    Meter,
    ModuleState,
    Presence,
    RackIo,
    Robot,
    RobotRequest,
    RobotResult,
    RobotState,
    RobotStep,
    Safety,
    Truck,
)
from swapstation.model.inventory import Battery, Hold, HoldKind, Inventory, Swap, bay_place, truck_place
from swapstation.model.seen import Quality, Seen
from swapstation.model.snapshot import (
    ActionState,
    BayState,
    Finding,
    Snapshot,
    StationState,
    StepState,
    Survey,
    SwapState,
    Verdict,
)
from swapstation.model.store import Store, StoreGoal, StoreState

Device = TypeVar("Device")

VIN = "LFWSRXSJ7M1F00001"
AT = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
SOC_PCT = {1: 96.0, 2: 91.5, 3: 38.0, 5: 72.4, 6: 95.0, 7: 12.0, 8: 94.0}


def config(data: Path) -> Config:
    """Settings that fit the sample; nothing listens on its wires."""
    return Config(
        name="Sample",
        data=data,
        exchange=Exchange.STATION,
        recipe="top_lift",
        links=Links("slcan+tcp://127.0.0.1:1", "modbus-tcp://127.0.0.1:2", "dlt645:///dev/null"),
        bays=(*(Bay(number, can=f"slcan+tcp://127.0.0.1:{10 + number}") for number in range(1, 9)), Bay(9, True)),
        battery_models=(BatteryModel("LFP-282", 282, 3150, 80, 730, 350, 1),),
        truck_models=(TruckModel("6x4-tractor", 1, "LFP-282"),),
        server=Server(port=0),
        limits=Limits(seat_x_mm=40, seat_y_mm=40),
    )


def code(number: int) -> str:
    """A GB/T 34014 code."""
    return f"08XPE282A1B2C3DA1{number:07d}"


def good(value: Device) -> Seen[Device]:
    """A value as just received."""
    return Seen(value, 0.04, Quality.GOOD)


def _bay(number: int) -> BayState:
    soc_pct, charging = SOC_PCT.get(number), number in (3, 5, 7)
    presence = Presence.EMPTY if soc_pct is None else Presence.PRESENT
    bay = BayState(
        number,
        bay_place(number, number == 9),
        isolation=number == 9,
        charging="direct",
        battery=None if soc_pct is None else f"B{number:03d}",
        io=good(RackIo(presence, soc_pct is not None, charging, False, 24.0 + number, 1)),
    )
    if soc_pct is None:
        return bay
    charge = BatteryCharge(
        ChargePhase.CHARGING if charging else ChargePhase.IDLE,
        bms_age_s=0.1,
        soc_pct=soc_pct,
        voltage_v=642.0,
        current_a=250.0 if charging else 0.0,
        max_temperature_c=31.0,
    )
    modules = ChargingModule(ModuleState.ON if charging else ModuleState.OFF, 642.0, 250.0 if charging else 0.0, 40.0)
    return replace(bay, charge=good(charge), modules=good(modules), soc_pct=soc_pct)


ROBOT = Robot(
    state=RobotState.BUSY,
    step=RobotStep.LIFT_OLD,
    homed=True,
    payload=True,
    gripped=True,
    seated=True,
    load_kg=3148.0,
    weighed_kg=3150.0,
    x_mm=12400,
    y_mm=30,
    z_mm=1850,
    accepted_id=7,
    refusal_code="",
    running_id=7,
    done_id=6,
    result=RobotResult.DONE,
    request=RobotRequest.NONE,
    request_id=0,
    request_bay=0,
    truck_in_position=True,
    pose_x_mm=21,
    pose_y_mm=-14,
    pose_yaw_mrad=3,
    clear_of_truck=False,
    epoch=1,
)
TRUCK = Truck(
    vin=VIN,
    codes=(code(9),),
    lock=LockState.UNLOCKED,
    parking_brake_set=True,
    key_off=True,
    gear_neutral=True,
    hv_powered_down=True,
    connector_mated=False,
    battery_present=True,
    soc_pct=17.0,
    receipt_id=3,
)
STEPS = (
    StepState("identify", "station", "识别车辆与电池", "Identify truck and battery", "done", 2.1, 60),
    StepState("allocate", "station", "分配满电电池和空仓", "Allocate a full battery and an empty bay", "done", 0.2, 60),
    StepState("position", "station", "车辆停到位", "Truck in position", "done", 11.0, 120),
    StepState("unlock", "station", "车辆解锁", "Unlock the truck", "done", 4.0, 30),
    StepState("lift", "station", "起吊并称重", "Lift and weigh", "running", 6.3, 60),
    StepState("put", "station", "旧电池入仓", "Put the old battery into the bay", "waiting", 0.0, 90),
    StepState("pick", "station", "取满电电池", "Pick the fresh battery", "waiting", 0.0, 90),
    StepState("place", "station", "放到车上", "Place it on the truck", "waiting", 0.0, 90),
    StepState("lock", "station", "锁紧并核对", "Lock and verify", "waiting", 0.0, 30),
    StepState("release", "station", "放行车辆", "Release the truck", "waiting", 0.0, 30),
)


WAITS = PlanReason("plan_waits_for_price", {"at": "16:00", "price": "0.3172"})
NEEDED = PlanReason("plan_for_truck", {"truck": "LSWAPTRK7T0000001", "at": "15:28", "soc": "70"})
DUE = PlanReason("promise_due", {"booking": "BK-2", "at": "2026-11-21T07:28:00Z"})
PLAN = ChargePlan(
    "P-1",
    AT,
    (
        PlannedBay(3, "B003", 180.0, 95.0, AT, AT + timedelta(minutes=58), (NEEDED,)),
        PlannedBay(5, "B005", 0.0, 95.0, AT + timedelta(hours=2), AT + timedelta(hours=3), (WAITS,)),
        PlannedBay(7, "B007", 0.0, 95.0, AT + timedelta(hours=2), AT + timedelta(hours=4), (WAITS,)),
    ),
    tuple(
        PlanStep(
            AT + timedelta(minutes=15 * step),
            [180.0, 0.0, 640.0, 300.0][step // 24],
            None if 40 <= step < 48 else 1200.0 if step < 60 else 800.0,
            [Decimal("0.6154"), Decimal("0.9231"), Decimal("0.3172"), Decimal("0.6154")][step // 24],
        )
        for step in range(96)
    ),
    tuple(
        Availability("LFP-282", AT + timedelta(hours=hour), soc_pct, hour)
        for hour in range(3)
        for soc_pct in (70.0, 90.0)
    ),
    Decimal("312.40"),
)
GOALS = (
    ChargeGoal(1, 95.0, 0.0),
    ChargeGoal(3, 95.0, 180.0, None, (NEEDED,)),
    ChargeGoal(5, 95.0, 0.0, None, (WAITS,)),
    ChargeGoal(7, 95.0, 250.0, None, (DUE,)),
    ChargeGoal(8, 95.0, 250.0),
)
PROMISES = (
    Hold(
        "BK-2",
        HoldKind.BOOKING,
        vin="LSWAPTRK7T0000001",
        model="LFP-282",
        needed_at=AT + timedelta(minutes=58),
        soc_pct=70.0,
    ),
    Hold(
        "BK-3",
        HoldKind.BOOKING,
        battery="B002",
        vin="LSWAPTRK9T0000002",
        model="LFP-282",
        needed_at=AT + timedelta(minutes=20),
    ),
)
"""What is planned for three bays, a day of the site, and what else is promised."""
DETAIL = "unlock: TRUCK_NOT_IN_POSITION, SAFETY_CHAIN_OPEN, left pin"
"""Words of the robot PLC, of an alarm and of nobody's catalogue."""


def station(sequence: int = 1) -> Snapshot:
    """The sample, `sequence` cycles after its start."""
    batteries = [Battery(f"B{n:03d}", "LFP-282", (code(n),), bay_place(n), soc, AT) for n, soc in SOC_PCT.items()]
    batteries.append(Battery("B009", "LFP-282", (code(9),), truck_place(VIN), 17.0, AT))
    swap = Swap("S-20261121-001", VIN, "6x4-tractor", "top_lift", "hash", "lift", fresh="B001", returned="B009")
    swap = replace(swap, from_bay=1, to_bay=4, person="console", opened_at=AT)
    holds = (
        Hold("H-1", HoldKind.SWAP, battery="B001", vin=VIN),
        Hold("BK-1", HoldKind.BOOKING, battery="B008", vin=VIN, model="LFP-282", person="dispatch", created_at=AT),
    )
    alarms = (
        Alarm("LOCK_NOT_OPEN@truck", "LOCK_NOT_OPEN", "truck", Priority.HIGH, AlarmState.UNACKNOWLEDGED, AT, DETAIL),
        Alarm("ODD_CODE@bay-3", "ODD_CODE", "bay-3", Priority.DIAGNOSTIC, AlarmState.ACKNOWLEDGED, AT, "", "console"),
    )
    actions = (
        ActionState("confirm_start_up", False, ("already_confirmed",)),
        ActionState("hold", True),
        ActionState("resume", False, ("not_held",)),
        ActionState("swap", False, ("not_idle", "LOCK_NOT_OPEN")),
        ActionState("abandon_swap", True),
    )
    return Snapshot(
        sequence=sequence,
        boot=3,
        now_s=100.0 + sequence / 5,
        at=AT + timedelta(seconds=sequence / 5),
        name="Sample",
        exchange="station",
        state=StationState.EXECUTE,
        robot=good(ROBOT),
        safety=good(Safety(True, True, True, True, True)),
        truck=good(TRUCK),
        meter=good(Meter("000000000161", 120345.6, 482.0)),
        bays=tuple(_bay(number) for number in range(1, 10)),
        inventory=Inventory(tuple(batteries), trucks=((VIN, "6x4-tractor"),), holds=holds, swap=swap),
        swap=SwapState(
            swap.swap, VIN, "lift", 1, STEPS, "B001", "B009", 1, 4, waiting_for=("battery_weighed", "truck_empty")
        ),
        confirmed=True,
        plan=replace(PLAN, steps=(), availability=()),
        plan_watch=PlanWatch(True, 12.3),
        store=Seen(Store(StoreState.READY, -60.0, 64.0, 0), 0.4, Quality.GOOD),
        store_goal=StoreGoal(-60.0, (PlanReason("store_follows_plan", {"power_kw": "-60"}),)),
        charge_goals=GOALS,
        alarms=alarms,
        actions=actions,
        links=(LinkStatus("robot", True, 1000, 1000), LinkStatus("bay-1", False, last_error="connection refused")),
    )


def promised(sequence: int = 1) -> Snapshot:
    """The sample with two trucks that are promised a battery."""
    now = station(sequence)
    return replace(now, inventory=replace(now.inventory, holds=(*now.inventory.holds, *PROMISES)))


def after_start(sequence: int = 1) -> Snapshot:
    """The sample before a person has confirmed the start-up; bay 3 is not as recorded."""
    agreeing = (1, 2, 5, 6, 7, 8)
    findings = [Finding(bay_place(number), f"B{number:03d}", "present", Verdict.AGREES) for number in agreeing]
    findings.append(Finding("bay-3", "B003", "empty", Verdict.CONTRADICTS))
    return replace(
        station(sequence),
        state=StationState.ABORTED,
        swap=None,
        confirmed=False,
        survey=Survey(tuple(findings)),
        hold_reasons=("start_up",),
        actions=(ActionState("hold", True), ActionState("confirm_start_up", True)),
    )
