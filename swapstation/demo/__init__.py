"""`swapstation demo`: a whole station on one machine, simulator, controller and server as separate processes."""
