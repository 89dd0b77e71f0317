"""Open control software for battery-swap stations for heavy trucks."""

__version__ = "0.1.0"
