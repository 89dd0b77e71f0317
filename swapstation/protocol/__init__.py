"""Sans-IO wire code: bytes to frames to messages and back, sessions and both ends of every protocol."""
