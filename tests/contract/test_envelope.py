"""The envelopes between the processes: what goes in comes out, whatever the snapshot holds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import get_args

import pytest
from pydantic import ValidationError

from swapstation.config.settings import Exchange
from swapstation.contract.envelope import (
    FROM_CONTROLLER,
    TO_CONTROLLER,
    AnswerMessage,
    ArrivalsMessage,
    ArrivalsQuestion,
    PlanMessage,
    RequestMessage,
    SnapshotMessage,
)
from swapstation.model import alarm_request, bay_request, bypass_request, fire_request
from swapstation.model import request as requests
from swapstation.model.arrival import Arrival
from swapstation.model.charge_plan import Availability, ChargePlan, PlannedBay, PlanReason, PlanStep
from swapstation.model.concern_request import Concern, TellConcern
from swapstation.model.dispatch import DispatchKind, DispatchSource
from swapstation.model.dispatch_request import EndDispatch, PutDispatch
from swapstation.model.energy_request import CloseEnergyCase
from swapstation.model.inventory import Cause
from swapstation.model.job import JobKind
from swapstation.model.mode import Mode
from swapstation.model.plan_request import SubmitPlan
from swapstation.model.request import Accepted, Answer, Payload, Refused, Request
from swapstation.model.seen import Quality
from swapstation.model.snapshot import Snapshot
from swapstation.model.truck_request import RegisterTruck
from swapstation.model.uplink_request import TellUplink, Uplink
from swapstation.model.yard_request import AdmitTruck
from swapstation.station.draft import Draft
from swapstation.station.people import for_people
from swapstation.station.survey import survey
from tests.station.situations import AT, VIN, blind, pack_code, snapshot
from tests.station.walk import entering, finished

PLAN = ChargePlan(
    "P1",
    AT,
    (PlannedBay(1, "B1", 60.0, 95.0, None, AT, (PlanReason("planner_off", {"at": "14:20"}),)),),
    (PlanStep(AT, 63.2, None, Decimal("0.3205")), PlanStep(AT, 63.2, 800.0, None)),
    (Availability("LFP-282", AT, 90.0, 2),),
    Decimal("12.50"),
)
PAYLOADS: tuple[Payload, ...] = (
    requests.ConfirmStartUp(),
    requests.HoldStation("fog"),
    requests.ResumeStation(),
    requests.StartJob(JobKind.MOVE, 1, 3),
    requests.AbandonJob("J1", "ice"),
    requests.ChangeMode(Mode.MAINTENANCE, "new sensor"),
    bypass_request.SetBypass("presence_a", 10, "cable broken", 3),
    bypass_request.EndBypass(),
    requests.RequestSwap(VIN, "B0001-1", "B9", 60.0),
    requests.AttestIdentity("S1", "B9", "read the plate"),
    requests.AcceptUnevenSet("S1", "limps home"),
    requests.ReconcileSwap(VIN, "B1", "B3", 3, "made at the PLC's own panel"),
    requests.CloseSwap("S1", "crane dead"),
    requests.ConfirmCloseSwap("S1"),
    bay_request.LockOutBay(3, "fan is being changed"),
    bay_request.EndLockOut(3, "done"),
    bay_request.ChargeBay(1, 100.0, 60.0),
    bay_request.StopBayCharge(1),
    bay_request.ResetCharge(1),
    requests.AbandonSwap("S1", "ice"),
    requests.DivertSwap("S1", Cause.DOUBT, "hot"),
    requests.CreateBooking(VIN, "LFP-282", 30),
    requests.CreateBooking(VIN, "LFP-282", arrives_at=AT, soc_pct=70.0),
    requests.ChangeBooking("B0001-1", AT, 70.0),
    requests.CancelBooking("B0001-1"),
    alarm_request.AcknowledgeAlarm("BAY_SMOKE@bay-1"),
    alarm_request.ShelveAlarm("METER_SILENT@meter", 60, "meter is being changed"),
    alarm_request.TakeAlarmOutOfService("METER_SILENT@meter", "meter is being changed"),
    alarm_request.ShowAlarm("METER_SILENT@meter"),
    requests.ReceiveBattery("B9", "LFP-282", (pack_code(9),), "bay-3"),
    requests.SendBatteryAway("B9", "service"),
    requests.TransferBattery("B9", "station north", "UN 3480, sheet 17"),
    requests.QuarantineBattery("B9", "coolant leak"),
    requests.ReleaseQuarantine("B9", "tested: tight"),
    requests.ConfirmRelease("B9"),
    requests.MoveBatteryRecord("B9", "bay-3"),
    requests.CorrectBattery("B9", "looked", codes=(pack_code(9),)),
    fire_request.ConfirmFire("flames at bay 3"),
    fire_request.ReleaseFire("cold for 24 h"),
    fire_request.StartFireDrill(3),
    fire_request.EndFireDrill(),
    RegisterTruck(VIN, "tractor-6x4"),
    AdmitTruck(VIN),
    SubmitPlan(PLAN),
    CloseEnergyCase("20260701T182500-bay-1-battery", "meter exchanged"),
    PutDispatch("vpp-1", DispatchSource.VPP, DispatchKind.IMPORT_CAP, 800.0, AT, AT + timedelta(hours=1), 50.0),
    EndDispatch("vpp-1", "called off"),
    TellUplink(Uplink.HEADQUARTERS, AT, "HTTP 503"),
    TellConcern(Concern.CALIBRATION, "1: meter calibration 2026-06-30"),
    requests.StockCheck((requests.CountedPlace("bay-1", None),)),
)


def _snapshots() -> list[Snapshot]:
    walks = [station for exchange in Exchange for station in entering(exchange).values()]
    walks += [finished(exchange) for exchange in Exchange]
    shown = [for_people(Draft(station.rules, station.snapshot, station.memory)) for station in walks]
    plain = snapshot()
    return [*shown, plain, blind(plain, Quality.STALE), blind(plain, Quality.NEVER), snapshot(survey=survey(plain))]


def test_every_kind_of_request_is_tried() -> None:
    assert {type(payload) for payload in PAYLOADS} == set(get_args(Payload))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.kind)
def test_a_request_survives_the_socket(payload: Payload) -> None:
    message = RequestMessage("7", Request("key", "li", payload))
    assert TO_CONTROLLER.validate_json(TO_CONTROLLER.dump_json(message)) == message


@pytest.mark.parametrize(
    "answer", [Accepted("key", {"swap": "S1"}), Refused("key", "not_idle", "held", facts={"a": "b"})]
)
def test_an_answer_survives_the_socket(answer: Answer) -> None:
    message = AnswerMessage("7", answer)
    assert FROM_CONTROLLER.validate_json(FROM_CONTROLLER.dump_json(message)) == message


def test_a_plan_and_who_has_come_survive_the_socket() -> None:
    told = PlanMessage(PLAN), PlanMessage(None), ArrivalsMessage("7", (Arrival(AT, "LFP-282", 31.5),))
    for message in told:
        assert FROM_CONTROLLER.validate_json(FROM_CONTROLLER.dump_json(message)) == message
    question = ArrivalsQuestion("7", AT)
    assert TO_CONTROLLER.validate_json(TO_CONTROLLER.dump_json(question)) == question


def test_a_snapshot_survives_the_socket_on_one_line() -> None:
    for each in _snapshots():
        line = FROM_CONTROLLER.dump_json(SnapshotMessage(each))
        assert b"\n" not in line
        assert FROM_CONTROLLER.validate_json(line) == SnapshotMessage(each)


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b'{"type": "request"}', b'{"type": "shout", "id": "7"}', b"\xff\xfe"]
)
def test_what_is_not_an_envelope_is_a_validation_error(line: bytes) -> None:
    with pytest.raises(ValidationError):
        TO_CONTROLLER.validate_json(line)
    with pytest.raises(ValidationError):
        FROM_CONTROLLER.validate_json(line)
