"""The check-ups of all batteries of a station: which are suspect, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from swapstation.config.settings import Config
from swapstation.energy.health import health_card
from swapstation.model.health import BatteryObserved, HealthCard, HealthGrade, Observation, Suspect
from swapstation.model.inventory import Inventory

MOST_OBSERVATIONS = 500
"""So many of a battery's last charges are kept at hand."""


class CheckUps:
    """What was observed of each battery so far, with the DC energy that it was ever charged here."""

    def __init__(
        self, config: Config, history: Mapping[str, Sequence[Observation]], charged_kwh: Mapping[str, float]
    ) -> None:
        self._config = config
        self._models = {model.name: model for model in config.battery_models}
        self._history = {battery: list(told) for battery, told in history.items()}
        self._charged_kwh = dict(charged_kwh)
        self._suspects: dict[str, Suspect] = {}

    def begin(self, inventory: Inventory, at: datetime) -> None:
        """Check up every battery by what was observed before; what is suspect already is no news."""
        for battery in self._history:
            self._check(battery, inventory, at)

    def observe(self, observed: BatteryObserved, inventory: Inventory, at: datetime) -> Suspect | None:
        """Take one observation; returns the suspicion if the battery is suspect for a reason that it was not before."""
        history = self._history.setdefault(observed.battery, [])
        history.append(observed.observation)
        del history[:-MOST_OBSERVATIONS]
        charged_kwh = self._charged_kwh.get(observed.battery, 0.0) + (observed.observation.dc_kwh or 0.0)
        self._charged_kwh[observed.battery] = charged_kwh
        before = self._suspects.get(observed.battery)
        self._check(observed.battery, inventory, at)
        now = self._suspects.get(observed.battery)
        known = set(before.reasons) if before else set()
        return now if now is not None and set(now.reasons) - known else None

    def suspects(self, inventory: Inventory) -> tuple[Suspect, ...]:
        """Suspect batteries that still circulate."""
        circulating = {battery.battery for battery in inventory.batteries if not battery.quarantined}
        return tuple(suspect for battery, suspect in sorted(self._suspects.items()) if battery in circulating)

    def _check(self, battery: str, inventory: Inventory, at: datetime) -> None:
        card = self.card(battery, inventory, at)
        if card is not None and card.grade is HealthGrade.SUSPECT:
            self._suspects[battery] = Suspect(battery, card.reasons)
        else:
            self._suspects.pop(battery, None)

    def card(self, battery: str, inventory: Inventory, at: datetime) -> HealthCard | None:
        """The card of a battery; None for one that the record or the configuration does not know."""
        known = inventory.battery(battery)
        model = self._models.get(known.model) if known else None
        if known is None or model is None:
            return None
        told, charged_kwh = self._history.get(battery, []), self._charged_kwh.get(battery, 0.0)
        return health_card(known, model, told, charged_kwh, self._config.ledger, at)
