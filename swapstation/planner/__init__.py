"""The planner process: makes charging plans from what the controller tells, and gives them back to it."""
