"""The business database: people and their sessions, keys of fleets and platforms, the audit."""
