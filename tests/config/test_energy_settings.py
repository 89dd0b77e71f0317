"""`[ledger]`, `[health]` and a model's thresholds: read, and refused with their line where they contradict."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.energy_settings import SettleOn
from swapstation.config.file import load_config
from swapstation.config.health_settings import HealthLimits, Suspects
from tests.config.test_config_file import EXAMPLE, TEXT, mistakes


def test_the_example_says_the_defaults() -> None:
    config = load_config(EXAMPLE)
    assert (config.ledger.settle_on, config.ledger.most_other_load_kw) == (SettleOn.DC, None)
    assert config.health.suspects is Suspects.PROPOSE
    assert config.battery_models[0].health == HealthLimits()


def test_a_model_has_thresholds_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    own = "packs = 1\nhealth = { suspect_capacity_pct = 50.0, resistance_mohm = 48.0 }\n"
    path.write_text(TEXT.replace("packs = 1 ", own + "# "), encoding="utf-8")
    limits = load_config(path).battery_models[0].health
    assert (limits.suspect_capacity_pct, limits.worn_capacity_pct, limits.resistance_mohm) == (50.0, 80.0, 48.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("least_efficiency = 0.90", "least_efficiency = 0.99", "must not be above most_efficiency (0.98)"),
        ('settle_on = "dc"', 'settle_on = "hv"', 'must be one of "dc", "ac"'),
        ('suspects = "propose"', 'suspects = "scrap"', 'must be one of "propose", "quarantine"'),
        ("ac_meter_class_pct = 1.0", "ac_meter_class = 1.0", "did you mean ac_meter_class_pct?"),
        ("packs = 1 ", "health = { suspect_capacity_pct = 90.0 }\npacks = 1 ", "must be below worn_capacity_pct (80)"),
        (
            "packs = 1 ",
            "health = { suspect_cell_spread_v = 0.1 }\npacks = 1 ",
            "must be above worn_cell_spread_v (0.25)",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    line = text[: text.index(new)].count("\n") + 1
    (told,) = mistakes(tmp_path / "station.toml", text)
    assert told.startswith(f":{line}: ")
    assert said in told
