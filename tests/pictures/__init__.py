"""`make pictures`: pictures of every screen of the console, at a real demo station, for docs/pictures."""
