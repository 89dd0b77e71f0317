"""docs/protocol.md: the wire contract of firmware_proto as tables."""

from __future__ import annotations

from swapstation.wire_files import wire_file
from tests.documents.can_messages import can_messages
from tests.documents.maps import aaf5, fault_codes, packed_structs, register_map

HEAD = """# Wire protocols 通信协议

Made from `firmware_proto/` by `make documents`; do not edit. What counts are the files there: station, simulator and
C node read them. Golden bytes for your own codec are in `firmware_proto/vectors/`; `firmware_proto/README.md` says how
to use them.

| part | who talks to whom |
| --- | --- |
| [Station CAN](#station-can) | station, rack nodes, charging modules, truck link, fire panel |
| [GB/T 27930](#gbt-27930), [edition 2011](#gbt-27930-2011) | charger and battery, one CAN segment per bay |
| [Battery F3](#battery-f3) | what one maker's battery tells its truck; we only listen |
| [Robot PLC](#robot-plc), [packed structs](#packed-structs) | station and swap robot |
| [Charger controller](#charger-controller), [AA F5](#aa-f5) | station and chargers that speak to the battery |
| [Climate unit](#climate-unit), [store](#store) | station, liquid cooling of a bay, stationary battery |
| [Barrier](#barrier), [weighbridge](#weighbridge) | station and what is before the lane (camera, sign: integrator.md) |
| [Fault codes](#fault-codes) | what the codes of these devices mean |

CAN: 29-bit identifiers, 250 kbit/s, low byte first. `byte.bit` is where a signal begins, both counted from 1; `bits` is
its length; all ones means "not available". Where source or destination address names a bay, the identifier shown is
that of bay 0. Modbus: registers counted from 0. `raw x 0.1 A`: what the number on the wire means.
"""
EDITION_2011 = "The messages that the 2011 edition lays out otherwise; all others are as above."
NOT_IN_A_DBC = "What a DBC cannot say (`firmware_proto/gbt27930.toml`):"


def protocol_reference() -> str:
    """The whole document."""
    beyond = wire_file("gbt27930.toml").read_text(encoding="utf-8").strip()
    parts = {
        "Station CAN": can_messages("station.dbc"),
        "GB/T 27930": [*can_messages("gbt27930.dbc"), NOT_IN_A_DBC, "", "```toml", beyond, "```", ""],
        "GB/T 27930-2011": [EDITION_2011, "", *can_messages("gbt27930_2011.dbc")],
        "Battery F3": can_messages("battery_f3.dbc"),
        "Robot PLC": register_map("robot_plc"),
        "Packed structs": packed_structs(),
        "Charger controller": register_map("charger"),
        "AA F5": aaf5(),
        "Climate unit": register_map("climate"),
        "Store": register_map("store"),
        "Barrier": register_map("gate"),
        "Weighbridge": register_map("weigher"),
        "Fault codes": fault_codes(),
    }
    lines = [line for title, part in parts.items() for line in (f"## {title}", "", *part)]
    return "\n".join([HEAD, *lines]).rstrip() + "\n"
