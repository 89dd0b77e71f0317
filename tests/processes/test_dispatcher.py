"""The example of a dispatcher against a running station: its truck comes when it said, and gets what was promised."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from swapstation.client import FleetClient, Refused
from swapstation.config.settings import Charging, Exchange
from swapstation.demo.run import station
from swapstation.demo.station_file import DemoOptions, free_ports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "dispatcher.py"
SOON = ["--first-minutes", "0.05", "--late-minutes", "0", "--trucks", "1"]


def test_the_dispatcher_s_truck_gets_the_battery_that_was_promised(tmp_path: Path) -> None:
    options = DemoOptions(0, 60.0, "tcp", Exchange.STATION, Charging.DIRECT, 1)
    with station(options, tmp_path, free_ports(1)[0], tmp_path / "logs") as demo:
        demo.start_up()
        url = f"http://127.0.0.1:{demo.config.server.port}"
        command = [sys.executable, str(EXAMPLE), "--url", url, "--key", demo.fleet_key, *SOON]
        dispatcher = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            while dispatcher.poll() is None:
                vin = demo.next_truck(())
                if vin is not None:
                    demo.swap(vin)
                time.sleep(0.1)
            told = dispatcher.communicate()[0].splitlines()
        finally:
            dispatcher.kill()
            dispatcher.wait()
        assert json.loads(told[-1]) == {"booked": 1, "fulfilled": 1, "promises_kept": 1}, told
        with FleetClient(url, demo.fleet_key) as client:
            swaps = list(client.swaps())
            assert {swap.booking for swap in swaps} == {each.id for each in client.bookings()}
            assert client.station() == client.station()
            with pytest.raises(Refused, match="no_such_booking"):
                client.cancel("00000000-0000-4000-8000-000000000000")
