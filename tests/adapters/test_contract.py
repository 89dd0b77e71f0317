"""Every shipped adapter keeps the contract of its role, on what it recorded of the simulated device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from swapstation.config.settings import Charging, Exchange
from swapstation.devices.adapter import Adapter, AdapterSettings, Role
from swapstation.devices.bay_can import ListeningBay
from swapstation.devices.contract_suite.checks import Trial, check_listens_only, run_contract
from swapstation.devices.contract_suite.exchange import Event, read_bytes_log
from swapstation.devices.contract_suite.finding import Finding
from swapstation.devices.installed import build_adapter
from swapstation.errors import InputError
from swapstation.protocol.node import Frame
from swapstation.simulation.world import Simulation
from swapstation.wire_address import Medium, WireAddress, WireProtocol
from tests.adapters.recording import bytes_log, recorded, simulated

DURATION_S = 4.0


@dataclass(frozen=True)
class Shipped:
    """One shipped adapter, the simulated device it is recorded with, and its settings."""

    role: Role
    name: str
    protocol: WireProtocol
    device: Callable[[Simulation], Any]
    settings: dict[str, Any] = field(default_factory=dict)

    def make(self) -> Adapter:
        wire = WireAddress(self.protocol, Medium.TCP)
        return build_adapter(self.role, self.name, AdapterSettings(wire, **self.settings))


SHIPPED = [
    Shipped(Role.EXCHANGER, "reference_plc", WireProtocol.MODBUS_TCP, Simulation.robot_node),
    Shipped(Role.METER, "dlt645", WireProtocol.DLT645, Simulation.meter_node),
    Shipped(Role.CHARGER, "reference_charger", WireProtocol.MODBUS_TCP, Simulation.charger_node, {"bays": (1, 2, 3)}),
    Shipped(Role.RACK, "reference_rack", WireProtocol.CAN, lambda simulation: simulation.can_nodes["station"]),
    Shipped(Role.TRUCK_LINK, "reference_dbc", WireProtocol.CAN, lambda simulation: simulation.can_nodes["station"]),
]


@pytest.fixture(params=SHIPPED, ids=lambda shipped: shipped.name)
def trial(request: pytest.FixtureRequest, tmp_path: Path) -> Trial:
    shipped: Shipped = request.param
    simulation = simulated(tmp_path, Exchange.PLC, Charging.CHARGER)
    events = recorded(shipped.make(), simulation, shipped.device(simulation), DURATION_S)
    return Trial(shipped.make, events, shipped.protocol)


def broken(findings: list[Finding]) -> list[str]:
    return [finding.en for finding in findings if not finding.passed]


def test_a_shipped_adapter_keeps_its_contract(trial: Trial) -> None:
    findings = run_contract(trial)
    assert broken(findings) == []
    assert len(findings) > 5


def test_an_adapter_with_another_device_s_recording_is_told_what_is_missing(tmp_path: Path) -> None:
    meter, rack = SHIPPED[1], SHIPPED[3]
    simulation = simulated(tmp_path, Exchange.PLC, Charging.CHARGER)
    events = recorded(meter.make(), simulation, meter.device(simulation), DURATION_S)
    assert "Robot: never appeared" in broken(run_contract(Trial(SHIPPED[0].make, events, WireProtocol.MODBUS_TCP)))
    frames = [Event(float(at), Frame(0x18FF0000, bytes(8))) for at in range(3)]
    assert "RackIo: never appeared" in broken(run_contract(Trial(rack.make, frames, WireProtocol.CAN)))


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
