"""Pure physics of the plant: the truth that sensors report and actuators change. Time is plant seconds, passed in."""
