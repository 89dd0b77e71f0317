"""Read the configuration of a station from its TOML file; every mistake is told at once, with its line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from swapstation.config import headquarters_rules, platform_rules, rules, server_rules, site_rules
from swapstation.config.black_box_settings import BlackBox
from swapstation.config.booking_settings import Bookings
from swapstation.config.checks import Draft, cross_checks
from swapstation.config.energy_settings import Ledger, Money, Pv, TariffSource
from swapstation.config.headquarters_settings import Headquarters
from swapstation.config.health_settings import Health
from swapstation.config.limits import Limits
from swapstation.config.link_settings import Adapters, Links
from swapstation.config.maintenance_settings import Maintenance
from swapstation.config.payment_settings import PAYMENT, PaymentSettings
from swapstation.config.platform_settings import Platform
from swapstation.config.reading import Reader, Wrong, located, parsed, read_text
from swapstation.config.report_rules import REPORTS, SAVINGS
from swapstation.config.report_settings import Reports
from swapstation.config.rule_kinds import Allowed, Rule
from swapstation.config.savings_settings import Savings
from swapstation.config.server_settings import Server
from swapstation.config.settings import (
    BatteryModel,
    Bay,
    Config,
    Disk,
    Evidence,
    Fire,
    Planner,
    Site,
    TruckModel,
)
from swapstation.config.site_settings import Feeder, SiteStore
from swapstation.config.store_rules import STORE
from swapstation.config.telemetry_settings import Telemetry
from swapstation.config.training_rules import TRAINING, check_training
from swapstation.config.training_settings import Training
from swapstation.config.yard_rules import YARD, check_yard
from swapstation.config.yard_settings import Yard
from swapstation.errors import ConfigurationError
from swapstation.toml_lines import KeyPath
from swapstation.wire_files import shipped_file

_TABLES: dict[str, tuple[type[Any], Mapping[str, Rule]]] = {
    "links": (Links, rules.LINKS),
    "adapters": (Adapters, rules.ADAPTERS),
    "limits": (Limits, rules.LIMITS),
    "evidence": (Evidence, rules.EVIDENCE),
    "disk": (Disk, rules.DISK),
    "site": (Site, site_rules.SITE),
    "pv": (Pv, site_rules.PV),
    "tariff": (TariffSource, rules.TARIFF),
    "money": (Money, rules.MONEY),
    "ledger": (Ledger, rules.LEDGER),
    "health": (Health, rules.HEALTH),
    "server": (Server, server_rules.SERVER),
    "fire": (Fire, rules.FIRE),
    "yard": (Yard, YARD),
    "black_box": (BlackBox, rules.BLACK_BOX),
    "telemetry": (Telemetry, rules.TELEMETRY),
    "planner": (Planner, rules.PLANNER),
    "bookings": (Bookings, rules.BOOKINGS),
    "reports": (Reports, REPORTS),
    "savings": (Savings, SAVINGS),
    "maintenance": (Maintenance, rules.MAINTENANCE),
}
_OPTIONAL_TABLES: dict[str, tuple[type[Any], Mapping[str, Rule]]] = {
    "platform": (Platform, platform_rules.PLATFORM),
    "headquarters": (Headquarters, headquarters_rules.HEADQUARTERS),
    "payment": (PaymentSettings, PAYMENT),
    "store": (SiteStore, STORE),
    "training": (Training, TRAINING),
}
"""Tables that are off as long as they are not in the file."""
_ARRAYS: dict[str, tuple[type[Any], Mapping[str, Rule]]] = {
    "bays": (Bay, rules.BAY),
    "feeders": (Feeder, site_rules.FEEDER),
    "battery_models": (BatteryModel, rules.BATTERY_MODEL),
    "truck_models": (TruckModel, rules.TRUCK_MODEL),
}
_OPTIONAL_ARRAYS = ("feeders",)


def load_config(path: Path) -> Config:
    """Read and check a station's configuration file.

    Raises ConfigurationError with one line per mistake, `file:line: field = value: what is allowed (zh | en)`.
    """
    text = read_text(path)
    reader = _Reader()
    config = reader.station(parsed(path, text), path)
    if reader.mistakes or config is None:
        raise ConfigurationError(located(path, reader.mistakes))
    return config


def configuration_hash(config: Config) -> str:
    """SHA-256 over the canonical form of the settings: the same for any layout or comments of the file."""
    canonical = json.dumps(asdict(config), default=str, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class _Reader(Reader):
    """Turns the parsed tables of a station file into its settings."""

    def station(self, raw: dict[str, Any], path: Path) -> Config | None:
        tables = {name: self._table(raw, name, *about) for name, about in _TABLES.items()}
        tables |= {name: self._table(raw, name, *about) for name, about in _OPTIONAL_TABLES.items() if name in raw}
        arrays = {name: self._array(raw, name) for name in _ARRAYS}
        sections = {*_TABLES, *_OPTIONAL_TABLES, *_ARRAYS}
        scalars = {key: value for key, value in raw.items() if key not in sections}
        values = self.values(scalars, (), Config, rules.STATION, known=[*rules.STATION, *sections])
        self.mistakes += cross_checks(
            Draft(
                recipe=values["recipe"] if isinstance(values.get("recipe"), str) else None,
                database_url=values.get("database_url", ""),
                business_database_url=values.get("business_database_url", ""),
                links=tables["links"],
                limits=tables["limits"],
                evidence=tables["evidence"],
                disk=tables["disk"],
                site=tables["site"],
                pv=tables["pv"],
                ledger=tables["ledger"],
                store=tables.get("store"),
                has_store="store" in raw,
                server=tables["server"],
                **{name: [(at, part) for at, part in parts if part is not None] for name, parts in arrays.items()},
                bays_complete=all(part is not None for _, part in arrays["bays"]),
                models_complete=all(part is not None for _, part in arrays["battery_models"]),
            )
        )
        platform = tables.get("platform")
        if platform is not None and all(bay is not None for _, bay in arrays["bays"]):
            self.mistakes += platform_rules.check_platform(platform, [bay for _, bay in arrays["bays"]])
        self.mistakes += check_yard(raw.get("yard"), tables["links"])
        if tables.get("training") is not None:
            self.mistakes += check_training(_wires(raw))
        if self.mistakes:
            return None
        folder = path.parent.absolute()
        values["data"] = folder / values["data"]
        tables["adapters"] = _beside(folder, tables["adapters"])
        tables["server"] = _with_files(folder, tables["server"])
        if tables["tariff"].file is not None:
            tables["tariff"] = TariffSource(folder / tables["tariff"].file)
        tables |= _payment(folder, tables.get("payment"))
        headquarters = tables.get("headquarters")
        if headquarters is not None:
            ca_file = None if headquarters.ca_file is None else folder / headquarters.ca_file
            tables["headquarters"] = replace(headquarters, token=folder / headquarters.token, ca_file=ca_file)
        if platform is not None:
            ca_file = None if platform.ca_file is None else folder / platform.ca_file
            profile = str(folder / platform.profile) if platform.profile.endswith(".toml") else platform.profile
            tables["platform"] = replace(platform, secrets=folder / platform.secrets, ca_file=ca_file, profile=profile)
        if tables["pv"].folder is not None:
            tables["pv"] = replace(tables["pv"], folder=folder / tables["pv"].folder)
        if tables["money"].contracts is not None:
            tables["money"] = Money(folder / tables["money"].contracts)
        if tables["maintenance"].plan is not None:
            tables["maintenance"] = Maintenance(folder / tables["maintenance"].plan)
        lists = {name: tuple(part for _, part in parts) for name, parts in arrays.items()}
        lists["battery_models"] = tuple(_with_dbc(folder, model) for model in lists["battery_models"])
        everything: dict[str, Any] = values | tables | lists
        return Config(**everything)

    def _table(self, raw: dict[str, Any], name: str, kind: type[Any], table_rules: Mapping[str, Rule]) -> Any:
        table = raw.get(name, {})
        if not isinstance(table, dict):
            self.mistakes.append(Wrong((name,), table, Allowed(f"应为表 [{name}]", f"must be a table [{name}]")))
            return None
        return self.part(table, (name,), kind, table_rules)

    def _array(self, raw: dict[str, Any], name: str) -> list[tuple[KeyPath, Any]]:
        kind, table_rules = _ARRAYS[name]
        array = raw.get(name, [])
        if name in _OPTIONAL_ARRAYS and array == []:
            return []
        if not isinstance(array, list) or not array or not all(isinstance(element, dict) for element in array):
            allowed = Allowed(f"至少要有一个 [[{name}]] 表", f"needs at least one table [[{name}]]")
            self.mistakes.append(Wrong((name,), array if name in raw else None, allowed))
            return [((name,), None)]
        paths: list[KeyPath] = [(name, index) for index in range(len(array))]
        return [(path, self.part(element, path, kind, table_rules)) for path, element in zip(paths, array, strict=True)]


def _wires(raw: dict[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Every address of a wire in a file, with its place."""
    for name, value in raw.get("links", {}).items():
        if isinstance(value, str) and "://" in value:
            yield ("links", name), value
    for index, bay in enumerate(raw.get("bays", [])):
        if isinstance(bay.get("can"), str) and bay["can"]:
            yield ("bays", index, "can"), bay["can"]


def _beside(folder: Path, adapters: Adapters) -> Adapters:
    """Map files with their full path: a relative one lies beside the station file."""
    maps = {entry.name: getattr(adapters, entry.name) for entry in fields(adapters) if entry.name.endswith("_map")}
    return replace(adapters, **{name: folder / file for name, file in maps.items() if file is not None})


def _payment(folder: Path, payment: PaymentSettings | None) -> dict[str, PaymentSettings]:
    """The payment service with the full paths of its files."""
    if payment is None:
        return {}
    ca_file = None if payment.ca_file is None else folder / payment.ca_file
    return {"payment": replace(payment, token=folder / payment.token, ca_file=ca_file)}


def _with_files(folder: Path, server: Server) -> Server:
    if server.certificate is None or server.key is None:
        return server
    return replace(server, certificate=folder / server.certificate, key=folder / server.key)


def _with_dbc(folder: Path, model: BatteryModel) -> BatteryModel:
    """The model with the full path of its DBC: one of the wire contract, or one beside the station file."""
    if model.can_dbc is None:
        return model
    shipped = shipped_file("dbc", str(model.can_dbc))
    return replace(model, can_dbc=shipped or folder / model.can_dbc)
