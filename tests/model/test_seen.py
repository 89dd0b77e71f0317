"""Age and quality: a value may be used only while it is fresh, and nothing is fresh by default."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapstation.model.device import PROTOCOL_VERSION, ChargingModule, ModuleState
from swapstation.model.seen import Quality, Seen, seen

times_s = st.floats(-1e9, 1e9)


@given(received_s=times_s, now_s=times_s, limit_s=st.floats(0.0, 1e6))
def test_a_value_is_good_exactly_while_its_age_is_within_the_limit(
    received_s: float, now_s: float, limit_s: float
) -> None:
    judged = seen("value", received_s, now_s, limit_s)
    fresh = 0.0 <= now_s - received_s <= limit_s
    assert judged.quality is (Quality.GOOD if fresh else Quality.STALE)
    assert judged.good == ("value" if fresh else None)
    assert judged.value == "value"
    assert judged.age_s == now_s - received_s


@given(now_s=times_s, limit_s=st.floats(0.0, 1e6))
def test_a_value_from_the_future_is_not_good(now_s: float, limit_s: float) -> None:
    assert seen(1, now_s + 1.0, now_s, limit_s).good is None


@pytest.mark.parametrize(("value", "received_s"), [(None, None), (None, 5.0), ("value", None)])
def test_what_was_never_received_is_never_good(value: str | None, received_s: float | None) -> None:
    assert seen(value, received_s, 5.0, 1.0) == Seen() == Seen(None, None, Quality.NEVER)


@pytest.mark.parametrize(("version", "quality"), [(PROTOCOL_VERSION, Quality.GOOD), (2, Quality.REFUSED)])
def test_a_device_of_another_version_is_shown_and_not_used(version: int, quality: Quality) -> None:
    modules = ChargingModule(ModuleState.OFF, 0.0, 0.0, 25.0, version)
    judged = seen(modules, 1.0, 1.5, 1.0)
    assert judged.quality is quality
    assert judged.value is modules
    assert judged.good is (modules if quality is Quality.GOOD else None)
    assert seen(modules, 1.0, 9.0, 1.0).quality is Quality.STALE


@pytest.mark.parametrize("quality", [Quality.STALE, Quality.REFUSED, Quality.NEVER])
def test_a_value_without_good_quality_is_not_used(quality: Quality) -> None:
    assert Seen(False, 0.0, quality).good is None
