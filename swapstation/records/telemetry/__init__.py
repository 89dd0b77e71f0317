"""Time series of a station: sampled from snapshots, 48 h in SQLite, for years in Parquet (docs/records.md)."""
