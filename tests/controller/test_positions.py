"""A truck model with more batteries than the station's adapters can tell apart is refused when it is configured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from swapstation.config.settings import Config, Exchange
from swapstation.controller.plugging import UnfitEquipment, plug_in
from tests.controller.test_core import WIRES
from tests.station import situations

EXAMPLES = Path(__file__).parents[2] / "examples"
PACKED = "packed-plc+tcp-listen://127.0.0.1:0?peer=127.0.0.1"


@pytest.fixture
def two() -> Config:
    settings = situations.config(Exchange.PLC)
    (model,) = settings.truck_models
    return replace(settings, links=WIRES, truck_models=(replace(model, positions=("left", "right")),))


def test_the_reference_equipment_knows_every_position(two: Config) -> None:
    plug_in(two, 1)


def test_a_truck_link_of_one_position_is_told_at_the_truck_model(two: Config) -> None:
    adapters = replace(two.adapters, truck_link="dbc_map", truck_link_map=EXAMPLES / "truck_map.toml")
    with pytest.raises(UnfitEquipment, match="truck_link dbc_map knows 1 battery position") as caught:
        plug_in(replace(two, adapters=adapters), 1)
    assert [wrong.path for wrong in caught.value.wrongs] == [("truck_models", 0, "positions")]


def test_a_plc_whose_orders_carry_no_position_is_told_at_the_truck_model(two: Config) -> None:
    adapters, links = replace(two.adapters, exchanger="packed_plc"), replace(two.links, robot=PACKED)
    with pytest.raises(UnfitEquipment, match="exchanger packed_plc knows 1 battery position"):
        plug_in(replace(two, adapters=adapters, links=links), 1)
