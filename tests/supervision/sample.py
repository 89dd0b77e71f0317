"""A station with a platform, charges with money, and the platform's file of secrets; all names are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from swapstation.config.energy_settings import Ledger
from swapstation.config.platform_settings import Cabinet, Platform, PublicStation
from swapstation.config.settings import Config
from swapstation.energy.settlement import settle
from swapstation.energy.tariff import Tariff
from swapstation.model.energy import BayReading, Settlement, TimedReading
from swapstation.supervision.envelope import Secrets
from tests.server import station_sample

OPERATOR = "MA0SX0001"
BY_PLATFORM = Secrets(OPERATOR, "Op9Xc4Vb7Nm2As5D", "sx7Qk2Lm9Rt4Vb8N", "c3F6j0Wp5Zy1Xe7U", "Hs2Gd8Ka5Jq1Lz6M")
BY_US = Secrets("PLATFORM1", "Pf3Yd8Kw1Rt6Zu4E", "mN5bV2cX8zL1kJ7h", "gF4dS9aP3oI6uY0t", "rE8wQ2zX5cV1bN7m")
SECRETS_FILE = "".join(
    f'[{name}]\noperator_id = "{each.operator_id}"\noperator_secret = "{each.operator_secret}"\n'
    f'data_secret = "{each.data_secret}"\ndata_secret_iv = "{each.data_secret_iv}"\nsig_secret = "{each.sig_secret}"\n'
    for name, each in (("by_platform", BY_PLATFORM), ("by_us", BY_US))
)


def platform(data: Path, url: str = "http://127.0.0.1:1/evcs/v20161110", profile: str = "tcec102-2016") -> Platform:
    """A platform whose secrets lie in the data folder."""
    secrets = data / "platform_secrets.toml"
    secrets.touch(0o600)
    secrets.write_text(SECRETS_FILE)
    public = PublicStation("140981", "示例路 1 号", "000-0000000", 112.733, 38.722, name="示例换电站")
    cabinets = (Cabinet((1, 2, 3, 4), "示例厂", "M-1"), Cabinet((5, 6, 7, 8)))
    return Platform(url, OPERATOR, "1409810001", secrets, public, profile, cabinets=cabinets)


def config(data: Path, url: str = "http://127.0.0.1:1/evcs/v20161110", profile: str = "tcec102-2016") -> Config:
    """The sample station of the server's tests with a platform."""
    return replace(station_sample.config(data), platform=platform(data, url, profile))


def settlement(
    bay: int, start: datetime, tariff: Tariff | None, hours: float = 1.0, energy_kwh: float = 120.5
) -> Settlement:
    """A finished charge as the energy ledger settles it, read every ten minutes."""
    steps = max(round(hours * 6), 1)
    readings = [
        TimedReading(
            start + timedelta(hours=hours) * step / steps,
            BayReading(
                bay, f"B{bay:03d}", dc_meter_kwh=1000.0 + energy_kwh * step / steps, soc_pct=30.0 + step / steps
            ),
        )
        for step in range(steps + 1)
    ]
    return settle(f"B{bay:03d}", bay, readings, tariff, Ledger(), None)
