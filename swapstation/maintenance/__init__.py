"""Maintenance, pure: what stands at the station, what wears it, what is due and when, how reliable it is."""
