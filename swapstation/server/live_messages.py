"""The messages of the live stream, each made once for all clients that are shown the same."""

from __future__ import annotations

import json
from dataclasses import asdict

from swapstation.contract.controller_link import ControllerLink, Received
from swapstation.server.control import Control, ControlState

AGE_STEP_S = 0.1
"""Clients that ask within it hear of the same age."""

_Moment = tuple[Received | None, float, bool, ControlState]


class LiveMessages:
    """What a client is told now; keeps the messages of one moment only."""

    def __init__(self, link: ControllerLink, control: Control, training: bool, build: str) -> None:
        self._link, self._control = link, control
        self._training, self._build = training, build
        self._moment: _Moment | None = None
        self._made: dict[tuple[int | None, bool], str] = {}

    def told(self, cells: int | None, yours: bool) -> str:
        """`{"snapshot", "cells", "age_s", "connected", "training", "control", "build"}` as JSON.

        `cells` is the number of the bay whose cells are shown, `yours` whether the client has control.
        """
        age_steps = (self._link.age_s or 0.0) // AGE_STEP_S
        moment = (self._link.latest, age_steps, self._link.connected, self._control.state)
        if moment != self._moment:
            self._moment, self._made = moment, {}
        made = self._made.get((cells, yours))
        if made is None:
            made = self._made[cells, yours] = self._message(cells, yours)
        return made

    def _message(self, cells: int | None, yours: bool) -> str:
        latest = self._link.latest
        shown, shown_cells = "null", "null"
        if latest is not None:
            shown = latest.json
            if cells is not None and cells in latest.snapshot.by_number:
                shown_cells = latest.cells_json(cells)
        rest = {
            "age_s": self._link.age_s,
            "connected": self._link.connected,
            "training": self._training,
            "control": {**asdict(self._control.state), "yours": yours},
            "build": self._build,
        }
        return f'{{"snapshot": {shown}, "cells": {shown_cells}, {json.dumps(rest, default=str)[1:]}'
