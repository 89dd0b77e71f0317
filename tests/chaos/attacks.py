"""Attacks on the processes of a station while a swap runs; each takes the station as it is and leaves it to people."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from tests.chaos.clock import missing_compiler
from tests.chaos.site import SETTLE_S, Site

Attack = Callable[[Site], None]

LONGEST_DEAD_S = 5.0
LONGEST_FROZEN_S = 8.0
LONGEST_CUT_S = 5.0
PLC_STOPS_S = 3.5
"""The PLC stops by itself after 3 s without the station's heartbeat."""
DISK_AWAY_S = 3.0
COMMITS = 40
MONTH_S = 30 * 24 * 3600
AFTER_JUMP_S = 4.0
COMMITS_IN_S = 20.0
YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
TRIAL = ("strace", "-o", "/dev/null", "true")


def kill_controller(site: Site) -> None:
    """kill -9, back at once or after the PLC has noticed."""
    site.demo.processes.kill("controller")
    _stay_dead(site)
    site.restart_controller()


def kill_server(site: Site) -> None:
    site.demo.processes.kill("server")
    time.sleep(site.random.uniform(0.0, 1.0))
    site.demo.processes.restart("server")


def kill_planner(site: Site) -> None:
    """Only cost depends on it: the swap under way and the charges go on."""
    site.demo.processes.kill("planner")
    time.sleep(site.random.uniform(0.0, LONGEST_DEAD_S))
    site.demo.processes.restart("planner")


def freeze_planner(site: Site) -> None:
    _freeze(site, "planner")


def kill_simulator(site: Site) -> None:
    """All devices lose power at the instant at which their retained memory was saved."""
    state = site.demo.config.data / "plant.json"
    saved_ns = state.stat().st_mtime_ns
    while state.stat().st_mtime_ns == saved_ns:
        time.sleep(0.001)
    site.demo.processes.kill("simulator")
    time.sleep(site.random.uniform(0.0, LONGEST_DEAD_S))
    site.demo.processes.restart("simulator")


def freeze_controller(site: Site) -> None:
    """SIGSTOP: the process is there, its sockets are open, nothing comes."""
    frozen_s = site.random.uniform(0.2, LONGEST_FROZEN_S)
    site.signal("controller", signal.SIGSTOP)
    time.sleep(frozen_s)
    moves = site.truth()["robot"]["state"] == "busy"
    site.expect(
        frozen_s < PLC_STOPS_S or not moves, 6, f"the robot moves, its controller is frozen for {frozen_s:.1f} s"
    )
    site.signal("controller", signal.SIGCONT)


def freeze_server(site: Site) -> None:
    _freeze(site, "server")


def freeze_simulator(site: Site) -> None:
    _freeze(site, "simulator")


def cut_wires(site: Site) -> None:
    """One to three wires are cut, or carry nothing any more while their connections stand (half-open)."""
    chosen = site.random.sample(sorted(site.proxies), site.random.randint(1, 3))
    half_open = site.random.random() < 0.5
    for name in chosen:
        site.proxies[name].silence() if half_open else site.proxies[name].cut()
    site.tally.counts["half-open wires" if half_open else "cut wires"] += len(chosen)
    time.sleep(site.random.uniform(0.2, LONGEST_CUT_S))
    for name in chosen:
        site.proxies[name].heal()


def jump_clock(site: Site) -> None:
    """The wall clock jumps by up to a month, either way: a label only, nothing holds or stops for it."""
    assert site.clock is not None
    before = site.demo.snapshot()
    site.clock.move_to(site.random.randint(-MONTH_S, MONTH_S))
    end_s = time.monotonic() + AFTER_JUMP_S
    while time.monotonic() < end_s:
        now = site.demo.snapshot()
        site.expect(now["state"] in ("execute", "idle"), 24, f"{now['state']} {now['hold_reasons']} after a clock jump")
        time.sleep(SETTLE_S)
    site.expect(now["sequence"] > before["sequence"], 24, "no cycle after a clock jump")
    jump_s = datetime.fromisoformat(now["at"]) - datetime.fromisoformat(before["at"])
    site.tally.counts["clock jumps of more than an hour"] += abs(jump_s) > timedelta(hours=1)


def fill_disk(site: Site) -> None:
    """Every write to the journal fails for a while: no space left."""
    _fail_disk(site, "pwrite64", "ENOSPC")


def break_disk(site: Site) -> None:
    """Every sync of the journal fails for a while: input/output error."""
    _fail_disk(site, "fdatasync", "EIO")


def kill_in_commit(site: Site) -> None:
    """kill -9 on entering one of the next writes or syncs of the journal; where it is if too few come in time."""
    call = site.random.choice(["pwrite64", "fdatasync"])
    with _strace(site, call, f"signal=KILL:when={site.random.randint(1, COMMITS)}") as tracer:
        try:
            tracer.wait(COMMITS_IN_S)
            site.tally.counts[f"killed in {call}"] += 1
        except subprocess.TimeoutExpired:
            site.tally.counts["killed between commits"] += 1
    site.demo.processes.kill("controller")
    _stay_dead(site)
    site.restart_controller()


def _stay_dead(site: Site) -> None:
    time.sleep(SETTLE_S)
    dead_s = site.random.choice([0.0, site.random.uniform(0.0, LONGEST_DEAD_S)])
    time.sleep(dead_s)
    moves = site.truth()["robot"]["state"] == "busy"
    site.expect(dead_s < PLC_STOPS_S or not moves, 6, f"the robot moves, its controller is dead for {dead_s:.1f} s")


def _freeze(site: Site, name: str) -> None:
    site.signal(name, signal.SIGSTOP)
    time.sleep(site.random.uniform(0.2, LONGEST_FROZEN_S))
    site.signal(name, signal.SIGCONT)


def _fail_disk(site: Site, call: str, error: str) -> None:
    with _strace(site, call, f"error={error}"):
        time.sleep(site.random.uniform(0.5, DISK_AWAY_S))
    failed = _report(site).read_text(encoding="utf-8").count("(INJECTED)")
    site.tally.counts[f"{call} that failed with {error}"] += failed


@contextmanager
def _strace(site: Site, call: str, injection: str) -> Iterator[subprocess.Popen[bytes]]:
    """Lay strace on the running controller: every such call is answered by the injection until the end."""
    command = ["strace", "-f", "-o", str(_report(site)), "-p", str(site.demo.processes.pid("controller"))]
    command += ["-e", f"trace={call}", "-e", f"inject={call}:{injection}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as tracer:
        assert tracer.stderr is not None
        tracer.stderr.readline()  # it says so once it has attached
        try:
            yield tracer
        finally:
            tracer.terminate()


def _report(site: Site) -> Path:
    return site.demo.config.data / "strace.log"


NEEDS_STRACE = ("fill_disk", "break_disk", "kill_in_commit")
ATTACKS: dict[str, Attack] = {
    attack.__name__: attack
    for attack in (
        kill_controller,
        kill_server,
        kill_planner,
        kill_simulator,
        freeze_controller,
        freeze_server,
        freeze_planner,
        freeze_simulator,
        cut_wires,
        jump_clock,
        fill_disk,
        break_disk,
        kill_in_commit,
    )
}


def missing_tool(name: str) -> str:
    """What this machine lacks for an attack; empty when it can run."""
    if name == "jump_clock":
        return missing_compiler()
    if name == "full_disk":
        return "" if os.geteuid() == 0 else "only the superuser may mount a file system"
    if name not in NEEDS_STRACE:
        return ""
    if shutil.which("strace") is None:
        return "strace is not installed"
    if os.geteuid() != 0 and YAMA.exists() and YAMA.read_text().strip() != "0":
        return f"{YAMA} lets nobody trace a running process"
    return "strace may not trace here" if subprocess.run(TRIAL, check=False, capture_output=True).returncode else ""
