"""Plant and device firmware at the other end of the wires; knows nothing of the station but the wire."""
