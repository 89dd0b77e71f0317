"""Keeping a station in order for years: backup and restore, examination, signed configuration, updates."""
