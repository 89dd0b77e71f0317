"""Drills for people: what goes wrong, what is right to do about it, and how a person's answer is scored."""
