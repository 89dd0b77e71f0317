"""GB/T 27930-2015: the conversation between a DC charger (0x56) and a battery management system (0xF4)."""
