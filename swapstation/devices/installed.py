"""Finds an adapter by role and name among all installed packages and builds it."""

from __future__ import annotations

from swapstation.config.adapter_names import installed_adapters
from swapstation.devices.adapter import Adapter, AdapterKind, AdapterSettings, Role
from swapstation.errors import InputError


def adapter_kind(role: Role, name: str) -> AdapterKind:
    """The kind behind an entry point. InputError when there is none, or when it does not load to an AdapterKind."""
    installed = installed_adapters(role)
    if name not in installed:
        raise InputError(f"adapters.{role}", name, f"已安装 | installed: {', '.join(installed) or '-'}")
    entry = installed[name]
    try:
        kind = entry.load()
    except Exception as error:  # whatever a foreign package raises while it is imported
        raise InputError(f"adapters.{role}", name, f"{entry.value} cannot be loaded: {error}") from error
    if not isinstance(kind, AdapterKind):
        raise InputError(f"adapters.{role}", name, f"{entry.value} must be an AdapterKind, it is {type(kind).__name__}")
    return kind


def build_adapter(role: Role, name: str, settings: AdapterSettings) -> Adapter:
    """Build an adapter for its wire. InputError when wire, map or role do not fit it."""
    kind = adapter_kind(role, name)
    if settings.wire.protocol not in kind.wires:
        speaks = ", ".join(sorted(kind.wires))
        text = f"{name} 支持 {speaks} | {name} speaks {speaks}"
        raise InputError("wire", settings.wire.protocol.value, text)
    if kind.needs_map and settings.map is None:
        raise InputError(f"adapters.{role}_map", None, f"{name} 需要映射文件 | {name} needs a map file")
    adapter = kind.make(settings)
    if adapter.role is not role:
        raise InputError(f"adapters.{role}", name, f"is an adapter for {adapter.role}")
    return adapter
