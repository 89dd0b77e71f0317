"""`python -m tests.platform_day [--charges N] [--hour-s S] [--json]`: a whole day of a station at its platform.

The server and the platform's double are real processes that speak HTTP; a controller's end of the socket and the
station database are made by the command, an hour of the day in S seconds. The platform is away from 9 to 12 o'clock,
misbehaves from 14 to 18, and the server is killed at 6, 10 and 16. Exit 1 when anything is lost, doubled or disputed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from swapstation.config.file import load_config
from swapstation.model.snapshot import Snapshot
from tests.energy.tariffs import tariff
from tests.platform_day.processes import Processes, wait_for
from tests.server import station_sample
from tests.server.controller_peer import ControllerPeer
from tests.server.platform_rig import START, StationBooks
from tests.server.test_platform_outage import with_charging

STATION = "00000000001409810001"
SEQ = "PLATFORM1" + "0" * 18
MIDNIGHT = START - timedelta(hours=10)
"""Midnight in China of the day that is played, 1 July 2026."""
BAD = {"seed": 5, "wrong_ret": 0.1, "server_error": 0.1, "lose_answer": 0.15, "stale_answer": 0.1, "forget_token": 0.1}
KILLED_AT = (6, 10, 16)
DRAIN_S = 900.0


def play(processes: Processes, books: StationBooks, peer: ControllerPeer, charges: int, hour_s: float) -> None:
    """The day, hour by hour."""
    whole = station_sample.station(1)
    for hour in range(24):
        begin_s = time.monotonic()
        if hour == 9:
            processes.behave(outages=[[0.0, 3 * hour_s]])
        if hour == 14:
            processes.behave(**BAD)
        if hour == 18:
            processes.behave()
        for number in range(charges * (hour + 1) // 24 - charges * hour // 24):
            start = MIDNIGHT + timedelta(hours=hour, minutes=number)
            books.charge((hour * 3 + number) % 8 + 1, start, hours=0.5, energy_kwh=80.0 + hour)
        turned = with_charging(whole, hour)
        peer.snapshot = partial(_numbered, turned)
        if hour in KILLED_AT:
            processes.kill_server()
            processes.start_server()
        time.sleep(max(begin_s + hour_s - time.monotonic(), 0.0))


def _numbered(snapshot: Snapshot, sequence: int) -> Snapshot:
    return replace(snapshot, sequence=sequence)


def look(processes: Processes, charges: int, drained_s: float) -> dict[str, Any]:
    """What both sides have at the end of the day."""
    books, outbox = processes.books(), processes.command("status")
    info = processes.ask("query_stations_info", {"LastQueryTime": "", "PageNo": 1, "PageSize": 10})
    states = processes.ask("query_station_status", {"StationIDs": [STATION]})
    days = {"StartTime": "2026-07-01", "EndTime": "2026-07-01"}
    stats = processes.ask("query_station_stats", {"StationID": STATION, **days})
    policy = processes.ask("query_equip_business_policy", {"EquipBizSeq": SEQ, "ConnectorID": f"{STATION}000101"})
    compared = processes.command("reconcile", "--first", "2026-07-01", "--last", "2026-07-02")
    told = {each["ConnectorID"]: each["Status"] for each in _connectors(states)}
    return {
        "charges": charges,
        "orders_at_platform": len(books["orders"]),
        "lost": charges - len(books["orders"]),
        "doubled": len(books["differing"]),
        "came_again": len(books["repeated"]),
        "states_told": books["states_told"],
        "states_agree": told == books["states"],
        "server_killed": processes.kills,
        "acts": books["acts"],
        "drained_s": round(drained_s, 1),
        "outbox": outbox["counts"],
        "stations": info["data"]["ItemSize"],
        "kwh_by_orders": round(sum(each["TotalPower"] for each in books["orders"].values()), 2),
        "kwh_by_statistics": stats["data"]["StationStats"]["StationElectricity"],
        "yuan": round(sum(each["TotalMoney"] for each in books["orders"].values()), 2),
        "policy_periods": policy["data"]["SumPeriod"],
        "disputes": None if compared["disputes"] is None else len(compared["disputes"]),
        "missing": len(compared["missing"]),
    }


def _drained(processes: Processes) -> bool:
    status = processes.api("GET", "")
    return status is not None and status["outbox"]["counts"]["pending"] == 0


def _connectors(states: Any) -> list[Any]:
    return list(states["data"]["StationStatusInfos"][0]["ConnectorStatusInfos"])


def run(charges: int, hour_s: float) -> dict[str, Any]:
    """A day in a new folder."""
    with tempfile.TemporaryDirectory(prefix="swapstation-") as name:
        processes = Processes(Path(name))
        processes.write_files()
        config = load_config(processes.file)
        books = StationBooks(config, tariff(processes.folder))
        try:
            with ControllerPeer(config.controller_socket, station_sample.station) as peer:
                processes.start_mock()
                processes.start_server()
                play(processes, books, peer, charges, hour_s)
                drained_s = wait_for(partial(_drained, processes), "the outbox drains", DRAIN_S)
                return look(processes, charges, drained_s)
        finally:
            processes.stop()
            books.close()


def sound(told: dict[str, Any]) -> bool:
    """Nothing lost, doubled, missing or disputed; both sides have the same states and energy."""
    agree = abs(told["kwh_by_orders"] - told["kwh_by_statistics"]) <= 0.4 and told["states_agree"]
    return agree and not any(told[name] for name in ("lost", "doubled", "missing")) and told["disputes"] == 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.platform_day", description="A station's day at its platform."
    )
    parser.add_argument("--charges", type=int, default=80, help="charges of the day (default %(default)s)")
    parser.add_argument("--hour-s", type=float, default=3.0, help="seconds that an hour takes (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    told = run(options.charges, options.hour_s)
    if options.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        for name, value in told.items():
            print(f"{name:20} {value}")
    return 0 if sound(told) else 1


if __name__ == "__main__":
    sys.exit(main())
