"""The controller process: equipment, scan cycle, journal thread and socket around the pure decisions."""
