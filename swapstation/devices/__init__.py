"""Adapters: messages of one kind of equipment to its device state, commands to messages."""
