"""All equipment of one station on its wires: plugs the adapters in and tells which node belongs on which wire.

Sans-IO: the process (or a virtual-time loop) couples the adapters' nodes to wires.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from swapstation.config.settings import Bay, Charging, Config
from swapstation.controller.battery_wires import listening_batteries
from swapstation.controller.plugging import PLUGS, STATION, plug_in
from swapstation.controller.process_image import ProcessImage
from swapstation.controller.safety_picture import safety_picture
from swapstation.devices.adapter import Adapter
from swapstation.devices.bay_can import DirectCharging, ListeningBay
from swapstation.devices.fire_panel import FirePanel as FirePanelAdapter
from swapstation.model.device import LinkStatus
from swapstation.model.inventory import bay_place
from swapstation.protocol.can_bus import CanBus
from swapstation.protocol.gbt27930.charger import ChargerSession
from swapstation.protocol.gbt27930.charger_settings import ChargerSettings
from swapstation.protocol.node import ByteNode, ByteServer, CanNode


class Equipment(ProcessImage):
    """The adapters of one station. `can_nodes` and `byte_nodes` are our nodes by the name of their wire.

    `local_time` is what batteries in `direct` bays are told by CTS.
    """

    def __init__(self, config: Config, boot: int, local_time: Callable[[], datetime | None] = lambda: None) -> None:
        direct = {
            bay.number: DirectCharging(bay.number, _session(bay), local_time)
            for bay in config.charging_bays
            if bay.charging is Charging.DIRECT
        }
        listening = {
            bay.number: ListeningBay(bay.number) for bay in config.charging_bays if bay.charging is Charging.CHARGER
        }
        plugged = plug_in(config, boot)
        batteries = listening_batteries(config)
        fire_panel = FirePanelAdapter()
        super().__init__(config, (*plugged.values(), fire_panel, *listening.values(), *batteries), direct)
        shared = [plugged[role] for role in PLUGS if PLUGS[role].wire == STATION]
        on_can: dict[str, list[Adapter]] = {STATION: [*shared, fire_panel]}
        own: tuple[Adapter, ...] = (*direct.values(), *listening.values(), *batteries)
        for adapter in own:
            on_can.setdefault(bay_place(min(adapter.bays)), []).append(adapter)
        self._on_can = on_can
        self.can_nodes: Mapping[str, CanNode] = {name: _segment(adapters) for name, adapters in on_can.items()}
        on_bytes = {
            plug.wire: plugged[role] for role, plug in PLUGS.items() if plug.wire != STATION and role in plugged
        }
        self._on_wire: Mapping[str, Sequence[Adapter]] = on_can | {name: [each] for name, each in on_bytes.items()}
        ends = {name: adapter.node for name, adapter in on_bytes.items()}
        self.byte_servers: Mapping[str, ByteServer] = {
            name: end for name, end in ends.items() if isinstance(end, ByteServer)
        }
        self.byte_nodes: Mapping[str, ByteNode] = {
            name: cast(ByteNode, end) for name, end in ends.items() if name not in self.byte_servers
        }
        self.links: Callable[[], tuple[LinkStatus, ...]] = tuple

    def safety_picture(self, wire: str, now_s: float) -> Hashable:
        """What the devices of one wire say now that bears on safety, to be compared with what they said before."""
        updates = (update for adapter in self._on_wire[wire] for update in adapter.updates(now_s))
        return safety_picture(updates, self._config.limits)

    def _wires(self) -> tuple[LinkStatus, ...]:
        return tuple(self._with_garbage(link) for link in self.links())

    def _with_garbage(self, link: LinkStatus) -> LinkStatus:
        """A CAN link that also counts the messages in its frames that could not be read."""
        unread = sum(adapter.malformed for adapter in self._on_can.get(link.name, ()))
        return replace(link, malformed=link.malformed + unread) if unread else link


def _segment(adapters: Sequence[Adapter]) -> CanNode:
    """The node of one CAN segment: that of its adapter, or of several together."""
    nodes = [cast(CanNode, adapter.node) for adapter in adapters]
    return nodes[0] if len(nodes) == 1 else CanBus(nodes)


def _session(bay: Bay) -> ChargerSession:
    return ChargerSession(
        ChargerSettings(
            charger_number=bay.number,
            max_voltage_v=bay.max_voltage_v,
            min_voltage_v=bay.min_voltage_v,
            max_current_a=bay.max_current_a,
            edition=bay.edition,
            gbt27930=bay.gbt27930,
        )
    )
