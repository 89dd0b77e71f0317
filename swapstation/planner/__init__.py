"""The planner process: snapshots in, a charging plan out."""
