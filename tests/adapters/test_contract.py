"""Every shipped adapter keeps the contract of its role, on what it recorded of the simulated device."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.adapter_names import installed_adapters
from swapstation.config.settings import Charging, Exchange
from swapstation.devices.adapter import Role
from swapstation.devices.bay_can import ListeningBay
from swapstation.devices.contract_suite.checks import Trial, check_listens_only, run_contract
from swapstation.devices.contract_suite.exchange import Event, read_bytes_log
from swapstation.devices.contract_suite.finding import Finding
from swapstation.errors import InputError
from swapstation.protocol.node import Frame
from swapstation.wire_address import WireProtocol
from tests.adapters.recording import bytes_log, recorded, simulated
from tests.adapters.shipped import DURATION_S, SHIPPED, Shipped


@pytest.fixture(params=SHIPPED, ids=lambda shipped: f"{shipped.role}.{shipped.name}")
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Trial:
    shipped: Shipped = request.param
    return shipped.trial(tmp_path)


def broken(findings: list[Finding]) -> list[str]:
    return [finding.en for finding in findings if not finding.passed]


def test_a_shipped_adapter_keeps_its_contract(trial: Trial) -> None:
    findings = run_contract(trial)
    assert broken(findings) == []
    assert len(findings) >= 5


def test_an_adapter_with_another_device_s_recording_is_told_what_is_missing(tmp_path: Path) -> None:
    by_name = {shipped.name: shipped for shipped in SHIPPED}
    events = by_name["dlt645"].trial(tmp_path).exchange
    plc, rack = by_name["reference_plc"].make, by_name["reference_rack"].make
    assert "Robot: never appeared" in broken(run_contract(Trial(plc, events, WireProtocol.MODBUS_TCP)))
    frames = [Event(float(at), Frame(0x18FF0000, bytes(8))) for at in range(3)]
    assert "RackIo: never appeared" in broken(run_contract(Trial(rack, frames, WireProtocol.CAN)))


def test_every_shipped_adapter_is_tried() -> None:
    installed = {f"{role}.{name}" for role in Role for name in installed_adapters(role)}
    assert installed == {f"{shipped.role}.{shipped.name}" for shipped in SHIPPED}


def test_a_bay_that_listens_never_sends(tmp_path: Path) -> None:
    simulation = simulated(tmp_path, Exchange.PLC, Charging.DIRECT)
    events = recorded(ListeningBay(1), simulation, simulation.can_nodes["bay-1"], DURATION_S)
    trial = Trial(lambda: ListeningBay(1), events, WireProtocol.CAN)
    assert [finding.code for finding in check_listens_only(trial)] == ["silent_listener"]


def test_a_recording_of_bytes_is_read_as_it_was_written() -> None:
    events = [Event(1.5, b"\x01\x02", sent=True), Event(1.52, b"\xff"), Event(2.0, b"")]
    assert read_bytes_log(bytes_log(events, "robot")) == events
    with pytest.raises(InputError, match="line 2"):
        read_bytes_log("(1.0) robot R 00\n(1.0) robot X 00\n")
