"""The demo's processes: started in order, watched, ended in reverse order."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from swapstation.errors import SwapstationError

END_PATIENCE_S = 10.0


class ProcessDied(SwapstationError):
    """One of the demo's processes ended although nobody asked it to."""


class Processes:
    """Child processes, one per name. `logs` None = their logs go to our stderr."""

    def __init__(self, logs: Path | None) -> None:
        self._logs = logs
        self._commands: dict[str, list[str]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        """Start `swapstation ARGUMENTS` in a session of its own: Ctrl-C reaches only us, who end them in order."""
        self.start_program(name, [sys.executable, "-m", "swapstation", *arguments])

    def start_program(self, name: str, command: list[str]) -> None:
        """Start any program alike."""
        self._commands[name] = command
        self.restart(name)

    def restart(self, name: str) -> None:
        """Start a process again with the arguments it had."""
        command = self._commands[name]
        if self._logs is None:
            process = subprocess.Popen(command, stdout=sys.stderr, start_new_session=True)
        else:
            self._logs.mkdir(parents=True, exist_ok=True)
            with (self._logs / f"{name}.log").open("ab") as log:
                process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._running[name] = process

    def pid(self, name: str) -> int:
        """The id of a running process, for what attacks it from outside."""
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """End one process as a power cut would, without a word; `restart` brings it back."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def check(self) -> None:
        """Raise ProcessDied if one has ended."""
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                where = f"; see {self._logs / f'{name}.log'}" if self._logs else ""
                raise ProcessDied(f"{name} ended with exit code {code}{where}")

    def end(self) -> None:
        """Ask the last started to end first; kill what does not."""
        for process in reversed(self._running.values()):
            process.terminate()
            try:
                process.wait(END_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
