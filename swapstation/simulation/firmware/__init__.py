"""Firmware of the simulated devices: what speaks on the wires and keeps its own safety rules."""
