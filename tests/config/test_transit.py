"""The transit place in the configuration: what it is, and every mistake around it told with what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from swapstation.config.file import load_config
from swapstation.config.rule_kinds import needs_transit, recipe_names
from swapstation.errors import ConfigurationError

EXAMPLE = (Path(__file__).parents[2] / "examples" / "station.toml").read_text(encoding="utf-8")
PLACE = "\n[[bays]]\nnumber = 10\ntransit = true\n"
BY_TRANSIT = EXAMPLE.replace('recipe = "top_lift" ', 'recipe = "top_lift_overlap" ', 1)


def _mistakes(folder: Path, text: str) -> list[str]:
    file = folder / "station.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_config(file)
    return [mistake.removeprefix(f"{file}:") for mistake in caught.value.mistakes]


def test_a_transit_place_is_no_charging_bay_and_has_one_name(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text(BY_TRANSIT + PLACE, encoding="utf-8")
    config = load_config(file)
    assert [bay.place for bay in config.bays if not bay.charges] == ["isolation", "transit"]
    assert 10 not in {bay.number for bay in config.charging_bays}


def test_a_recipe_says_whether_it_needs_one() -> None:
    assert [name for name in recipe_names() if needs_transit(name)] == ["top_lift_overlap"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BY_TRANSIT, "this recipe needs a bay with transit = true"),
        (BY_TRANSIT + PLACE + PLACE.replace("10", "11"), "at most one transit place"),
        (EXAMPLE + PLACE + "isolation = true\n", "the isolation place cannot be the transit place too"),
        (EXAMPLE + PLACE + 'can = "can+socketcan://can9"\n', "isolation and transit place have no CAN of their own"),
        (EXAMPLE + PLACE.replace("true", "1"), "transit = 1"),
        (
            EXAMPLE + '\n[[truck_models]]\nname = "own"\nplc_number = 2\nbattery_model = "LFP-282"\n'
            'recipe = "top_lift_overlap"\n',
            "this recipe needs a bay with transit = true",
        ),
        (
            BY_TRANSIT + PLACE + '\n[[truck_models]]\nname = "two"\nplc_number = 2\nbattery_model = "LFP-282"\n'
            'positions = ["left", "right"]\n',
            "a swap through the transit place takes one battery",
        ),
    ],
)
def test_a_mistake_around_the_transit_place_is_told(tmp_path: Path, text: str, said: str) -> None:
    (mistake,) = _mistakes(tmp_path, text)
    assert said in mistake
    assert any(character > "\u4e00" for character in mistake)
