"""The decisions, pure: interlocks, permit, recipe, sequence, charging, alarms, requests."""
