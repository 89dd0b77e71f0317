"""The decode comparison runs, and compares the same values."""

from __future__ import annotations

from tests.bench.decode import BAYS, Foreign, charging_frames, measure, station_frames, unequal


def test_ours_and_cantools_read_the_same_values_out_of_the_traffic_of_ten_bays() -> None:
    result = measure(rounds=1)
    assert result["unequal"] == []
    assert result["frames"] == len(BAYS) * (20 + 20 + 4 + 4 + 10 + 10)
    assert result["ours_per_s"] > 0


def test_a_differing_value_would_be_seen() -> None:
    charging, station = charging_frames(), station_frames()
    foreign = Foreign(("gbt27930.dbc", "station.dbc"), (*charging, *station))
    shifted = foreign.message(charging[0])
    shifted.get_signal_by_name("WantedVoltage").conversion.offset = 5
    assert len(unequal(charging, station, foreign)) == len(BAYS) * 20
