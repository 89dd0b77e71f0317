"""What an adapter of each role must do, tried on a recorded or simulated exchange: for tests and `adapter check`."""
