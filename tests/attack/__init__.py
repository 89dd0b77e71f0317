"""Attacks on a whole running station through its HTTP API, by people and programs of every role."""
