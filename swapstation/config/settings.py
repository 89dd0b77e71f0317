"""Settings of one station: frozen dataclasses, units last; `swapstation.config.file` reads them from TOML."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from swapstation.config.battery_care import Calibration, Derating, Discharge, Thermal
from swapstation.config.black_box_settings import BlackBox
from swapstation.config.booking_settings import Bookings
from swapstation.config.energy_settings import Ledger, Money, Pv, TariffSource
from swapstation.config.gbt27930 import EditionChoice, Gbt27930
from swapstation.config.headquarters_settings import Headquarters
from swapstation.config.health_settings import Health, HealthLimits
from swapstation.config.limits import Limits
from swapstation.config.link_settings import Adapters, Links
from swapstation.config.maintenance_settings import Maintenance
from swapstation.config.payment_settings import PaymentSettings
from swapstation.config.platform_settings import Platform
from swapstation.config.report_settings import Reports
from swapstation.config.savings_settings import Savings
from swapstation.config.server_settings import Server
from swapstation.config.site_settings import Feeder, SiteStore
from swapstation.config.telemetry_settings import Telemetry
from swapstation.config.training_settings import Training
from swapstation.config.yard_settings import Yard
from swapstation.model.inventory import TRANSIT, bay_place
from swapstation.model.power import DemandChargeMode


class Exchange(StrEnum):
    """Who owns the steps of an exchange."""

    PLC = "plc"
    STATION = "station"


class Charging(StrEnum):
    """Who speaks GB/T 27930 to the battery of a bay."""

    CHARGER = "charger"
    DIRECT = "direct"


class VehicleType(StrEnum):
    """What kind of vehicle a truck model is."""

    HEAVY_TRUCK = "heavy_truck"
    DUMP_TRUCK = "dump_truck"
    LOADER = "loader"
    LOGISTICS_VAN = "logistics_van"
    FORKLIFT = "forklift"


@dataclass(frozen=True, slots=True)
class BatteryModel:
    """One battery model: energy in kWh, mass window of the weighing in kg, voltage class in V, packs per battery.

    `can_dbc` is the DBC of what the battery says on its own CAN (swapstation/protocol/battery_can.py), where a bay's
    segment carries that too: a file of firmware_proto/dbc or one beside the station file. `recipes` are the ways of
    exchanging that its frame is built for; empty: any. `derating`: most charging by its temperature and SOC.
    `thermal`: when a climate unit heats and cools it. `calibration`: how often it is charged full. `health` are the
    thresholds of its check-up. `discharge`: that it may give power back (experimental).
    """

    name: str
    energy_kwh: float
    mass_kg: float
    mass_tolerance_kg: float
    max_voltage_v: float
    max_current_a: float
    packs: int = 1
    can_dbc: Path | None = None
    recipes: tuple[str, ...] = ()
    derating: Derating | None = None
    health: HealthLimits = field(default_factory=HealthLimits)
    thermal: Thermal | None = None
    calibration: Calibration | None = None
    discharge: Discharge | None = None


@dataclass(frozen=True, slots=True)
class TruckModel:
    """One truck model: its number in the robot PLC, the battery model it carries, how and where that is exchanged.

    `recipe` "" is the station's own. `positions` names the places of its batteries, one for each battery it carries;
    the SOC of the batteries that it is handed out together lie at most `max_soc_spread_pct` apart (%).
    """

    name: str
    plc_number: int
    battery_model: str
    vehicle_type: VehicleType = VehicleType.HEAVY_TRUCK
    recipe: str = ""
    positions: tuple[str, ...] = ("main",)
    max_soc_spread_pct: float = 5.0


LEAST_CHARGE_KW = 15.0
"""What each charge keeps when power is short, unless its bay says otherwise (own design: about 23 A)."""


@dataclass(frozen=True, slots=True)
class Bay:
    """One place of the rack. The isolation and the transit place neither charge nor have a CAN segment of their own.

    `neighbours` are the bays that stop with this one at a fire; without them those of the next number up and down.
    `trip_relay`: the rack node can open the bay's supply under load. `least_power_kw`: what a charge keeps when power
    is short, instead of a stop. Equipment that tells its temperature gives less from `derate_above_c` on, nothing from
    `off_above_c` on (°C). `climate`: a liquid-cooling unit serves its battery.
    """

    number: int
    isolation: bool = False
    charging: Charging = Charging.DIRECT
    can: str = ""
    max_power_kw: float = 250.0
    max_current_a: float = 350.0
    max_voltage_v: float = 750.0
    min_voltage_v: float = 200.0
    edition: EditionChoice = EditionChoice.GB2015
    gbt27930: Gbt27930 = field(default_factory=Gbt27930)
    neighbours: tuple[int, ...] | None = None
    trip_relay: bool = True
    transit: bool = False
    least_power_kw: float = LEAST_CHARGE_KW
    derate_above_c: float = 65.0
    off_above_c: float = 80.0
    climate: bool = False

    @property
    def place(self) -> str:
        """Name of the place."""
        return TRANSIT if self.transit else bay_place(self.number, self.isolation)

    @property
    def charges(self) -> bool:
        """Whether it is a bay of the charging rack: neither isolation nor transit place."""
        return not (self.isolation or self.transit)


class EvidenceSource(StrEnum):
    """What a station has to tell which battery is where."""

    TRUCK_CODE = "truck_code"
    TRUCK_PRESENCE = "truck_presence"
    BMS_SERIAL = "bms_serial"
    HOIST_MASS = "hoist_mass"


OF_A_TRUCK = (EvidenceSource.TRUCK_CODE, EvidenceSource.TRUCK_PRESENCE)
"""Sources that speak of the battery on a truck; a person's word may count as one more."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sources that a station has, and how many must agree on a battery's identity at a swap.

    A declared source that contradicts puts a battery in doubt. One that is silent may be replaced by a person's word.
    The presence sensors of a bay are no choice: every bay has both, one that is silent or differs makes the bay unsafe.
    """

    sources: tuple[EvidenceSource, ...] = tuple(EvidenceSource)
    minimum: int = 2


class DemandWindow(StrEnum):
    """Which quarters of an hour the maximum demand is of: those of the clock, or the last 15 min at any time."""

    FIXED = "fixed"
    SLIDING = "sliding"


@dataclass(frozen=True, slots=True)
class Site:
    """What the site may take from the grid (kW AC at the meter), and how much of it arrives in the batteries.

    `power_kw`: of all charging together, the contract less robot, cooling and building. `contract_kw`: of everything,
    contract or transformer. `demand_kw`: mean of every quarter of an hour. None: no such limit. `other_load_kw`,
    `hoist_kw`, `guns_kw`: most that building and cooling, the moving robot and plug-in guns take. `export_kw`: most
    that may be fed back, `generation_kw`: that PV and others behind the meter give, a `[store]` not counted.
    `shed_pct`: what is left at the levels 1 and 2 of shedding; at 3 nothing is charged. `plant_speed`: how much faster
    than time a simulated plant runs, and its meter with it; 1 at a real station.
    """

    power_kw: float | None = None
    charging_efficiency: float = 0.95
    contract_kw: float | None = None
    demand_kw: float | None = None
    demand_window: DemandWindow = DemandWindow.FIXED
    demand_charge_mode: DemandChargeMode = DemandChargeMode.WAIVED
    other_load_kw: float = 15.0
    hoist_kw: float = 30.0
    guns_kw: float = 0.0
    export_kw: float = 0.0
    generation_kw: float = 0.0
    shed_pct: tuple[float, float] = (70.0, 40.0)
    plant_speed: float = 1.0

    @property
    def charging_kw(self) -> float | None:
        """The limit where it is kept: kW DC of all bays together."""
        return None if self.power_kw is None else self.power_kw * self.charging_efficiency


@dataclass(frozen=True, slots=True)
class Fire:
    """`automatic_transfer`: an abnormal battery is carried to isolation by the station itself, if its PLC permits."""

    automatic_transfer: bool = False


@dataclass(frozen=True, slots=True)
class Disk:
    """What free space of the data folder's disk leads to, in percent of it; MB = 1,000,000 bytes.

    At `low_pct` people are told, at `shed_pct` recordings stop, at `stop_pct` nothing new moves. `ballast_mb` are kept
    to be given up at `stop_pct`, so that the journal can still write; 0: none.
    """

    low_pct: float = 20.0
    shed_pct: float = 10.0
    stop_pct: float = 5.0
    ballast_mb: int = 64


@dataclass(frozen=True, slots=True)
class Planner:
    """Whether plans are waited for, how often one is made at least, how far it looks, what it keeps ready beyond need.

    Not `enabled`: the station charges on arrival, and nothing is missing. `demand_price_per_kw`: yuan per kW of the
    month's highest quarter of an hour; counts where `[site] demand_charge_mode` is `demand`. `export_price_per_kwh`:
    yuan for a kWh fed back, None: spares may give to the site's own load only. `ageing_per_kwh`,
    `holding_per_kwh_h`: what a kWh through a battery costs, and one that waits in it for an hour (yuan).
    `charger_efficiency`: points (kW DC of one charger, share of AC that arrives); none: `[site] charging_efficiency`.
    """

    enabled: bool = False
    interval_s: float = 60.0
    horizon_hours: float = 24.0
    reserve_batteries: int = 1
    demand_price_per_kw: float = 0.0
    export_price_per_kwh: float | None = None
    ageing_per_kwh: float = 0.0
    holding_per_kwh_h: float = 0.0
    charger_efficiency: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration of a station. `data` is the folder of databases and sockets.

    `platform` None: nothing is told to a supervision platform, and none may ask. `headquarters` None: nobody is asked
    for a permit. `training` None: a real station.
    """

    name: str
    data: Path
    exchange: Exchange
    recipe: str
    links: Links
    bays: tuple[Bay, ...]
    battery_models: tuple[BatteryModel, ...]
    truck_models: tuple[TruckModel, ...]
    database_url: str = ""
    business_database_url: str = ""
    adapters: Adapters = field(default_factory=Adapters)
    limits: Limits = field(default_factory=Limits)
    evidence: Evidence = field(default_factory=Evidence)
    disk: Disk = field(default_factory=Disk)
    site: Site = field(default_factory=Site)
    pv: Pv = field(default_factory=Pv)
    tariff: TariffSource = field(default_factory=TariffSource)
    money: Money = field(default_factory=Money)
    feeders: tuple[Feeder, ...] = ()
    store: SiteStore | None = None
    ledger: Ledger = field(default_factory=Ledger)
    health: Health = field(default_factory=Health)
    swap_without_isolation: bool = False
    server: Server = field(default_factory=Server)
    fire: Fire = field(default_factory=Fire)
    yard: Yard = field(default_factory=Yard)
    black_box: BlackBox = field(default_factory=BlackBox)
    telemetry: Telemetry = field(default_factory=Telemetry)
    planner: Planner = field(default_factory=Planner)
    bookings: Bookings = field(default_factory=Bookings)
    reports: Reports = field(default_factory=Reports)
    savings: Savings = field(default_factory=Savings)
    maintenance: Maintenance = field(default_factory=Maintenance)
    platform: Platform | None = None
    headquarters: Headquarters | None = None
    payment: PaymentSettings | None = None
    training: Training | None = None

    @property
    def station_database_url(self) -> str:
        """SQLAlchemy URL of the station database; SQLite in the data folder by default."""
        return self.database_url or f"sqlite:///{quote(str(self.data / 'station.db'))}"

    @property
    def business_url(self) -> str:
        """SQLAlchemy URL of the business database; SQLite in the data folder by default."""
        return self.business_database_url or f"sqlite:///{quote(str(self.data / 'business.db'))}"

    @property
    def first_admin_file(self) -> Path:
        """Where the one-time code of the first admin lies until it is used."""
        return self.data / "first_admin_code.txt"

    @property
    def audit_heads_file(self) -> Path:
        """Where the server exports the heads of the audit."""
        return self.data / "audit_heads.txt"

    @property
    def controller_socket(self) -> Path:
        return self.data / "controller.sock"

    @property
    def spot_price_folder(self) -> Path:
        """Where market prices lie that were told over the API."""
        return self.data / "spot_prices"

    @property
    def pv_forecast_folder(self) -> Path:
        """Where forecasts of PV lie that were told over the API."""
        return self.data / "pv_forecast"

    @property
    def recipes(self) -> tuple[str, ...]:
        """Names of the recipes that this station uses, its own first."""
        return tuple(dict.fromkeys((self.recipe, *(self.recipe_of(model) for model in self.truck_models))))

    def recipe_of(self, model: TruckModel) -> str:
        """Name of the recipe that a truck model is swapped with."""
        return model.recipe or self.recipe

    @property
    def charging_bays(self) -> tuple[Bay, ...]:
        return tuple(bay for bay in self.bays if bay.charges)

    def bay(self, number: int) -> Bay:
        return next(bay for bay in self.bays if bay.number == number)

    def beside(self, number: int) -> frozenset[int]:
        """The bays that stop with this one at a fire."""
        own = self.bay(number).neighbours
        return frozenset((number - 1, number + 1) if own is None else own) & {bay.number for bay in self.bays}
