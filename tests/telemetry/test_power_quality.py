"""Figures of power quality from the site meter's rows: weighted by time, held until the next row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from swapstation.records.telemetry.kinds import DAY_S, METER
from swapstation.records.telemetry.power_quality import PowerQuality, power_quality
from swapstation.records.telemetry.sampling import Reading, Row, stored
from tests.telemetry.days import AT, START_S, archived, with_rows


def row(t: int, volts: tuple[float | None, ...], kw: float | None = 60.0, amps: float = 100.0) -> Row:
    reading = Reading("site", (1000.0, kw, *volts, amps, amps, amps))
    return Row("meter", "site", START_S + t, stored(METER, reading))


def test_a_value_holds_until_the_next_row_and_a_gap_is_not_known(tmp_path: Path) -> None:
    store = with_rows(
        tmp_path,
        row(0, (220.0, 220.0, 220.0)),
        row(30, (190.0, 220.0, 220.0), kw=50.0),
        row(40, (220.0, 230.0, 240.0)),
        row(50, (None, 220.0, 220.0)),
        row(3600, (220.0, 220.0, 220.0), kw=0.0, amps=0.0),
    )
    told = power_quality(tmp_path, 220.0, AT, AT + timedelta(days=1))
    assert told.known_s == 30 + 10 + 10 + 1, "the row without a phase, and what came after a minute, are not known"
    assert (told.min_v, told.max_v, told.highest_power_kw) == (190.0, 240.0, 60.0)
    assert told.within_pct == pytest.approx(100 * 31 / 51, abs=1e-3), "204.6 to 235.4 V"
    assert (told.low_s, told.unbalanced_s) == (10.0, 20.0)
    assert told.mean_v == pytest.approx((31 * 220 + 10 * 210 + 10 * 230) / 51, abs=0.05)
    kva_s = 30 * 66 + 10 * 63 + 10 * 69
    assert told.power_factor == pytest.approx((30 * 60 + 10 * 50 + 10 * 60) / kva_s, abs=1e-3)
    archived(tmp_path, store)
    store.close()
    assert power_quality(tmp_path, 220.0, AT, AT + timedelta(days=1)) == told, "the archive says the same"


def test_weeks_add_up_and_no_record_has_no_figures(tmp_path: Path) -> None:
    rows = (row(day * DAY_S, (volts,) * 3) for day, volts in ((0, 210.0), (8, 220.0), (16, 230.0)))
    with_rows(tmp_path, *rows).close()
    told = power_quality(tmp_path, 220.0, AT, AT + timedelta(days=20))
    assert (told.known_s, told.min_v, told.mean_v, told.max_v) == (3.0, 210.0, 220.0, 230.0)
    after = power_quality(tmp_path, 220.0, AT + timedelta(days=30), AT + timedelta(days=31))
    assert after == PowerQuality(220.0, 0.0)
