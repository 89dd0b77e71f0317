"""The recorded trace of a real charger: handshake, charging at 3 A, the charger falls silent."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from swapstation.replay import replay, to_json

_ROOT = Path(__file__).parents[2]
CAPTURE = (_ROOT / os.environ.get("SWAPSTATION_CAPTURES", "../shared/captures")) / "gbt27930_charger_measured.csv"


@pytest.mark.skipif(not CAPTURE.exists(), reason=f"recorded trace is not there: {CAPTURE}")
def test_the_recorded_trace() -> None:
    content = json.loads(to_json(replay(CAPTURE)))
    assert (content["frames"], content["malformed"], content["unknown_ids"]) == (1149, 0, {})
    assert content["messages"] == {
        "CHM": 7, "BHM": 5, "CRM": 2, "BRM": 1, "BCP": 1, "CTS": 2, "CML": 3, "BRO": 5, "CRO": 2,
        "BCL": 353, "BCS": 62, "CCS": 329, "BSM": 71, "BEM": 45,
    }  # fmt: skip
    [session] = content["sessions"]
    phases = [(phase["name"], phase["start_s"], phase["end_s"]) for phase in session.pop("phases")]
    assert [name for name, _, _ in phases] == ["handshake", "recognition", "config", "charging", "error"]
    assert phases[-1][1:] == (19.5, 30.5)
    assert session == {
        "edition": "2015",
        "vin": None,
        "battery_type": "ternary",
        "rated_capacity_ah": 18.0,
        "soc_start_pct": 97.0,
        "soc_end_pct": 97,
        "max_charge_current_a": 3.0,
        "pauses": [],
        "stop": {"by": "timeout", "reasons": []},
        "errors": [{"message": "BEM", "item": "CCS", "first_s": 19.5, "count": 45}],
    }
