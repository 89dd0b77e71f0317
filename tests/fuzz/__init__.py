"""Every decoder against arbitrary bytes: targets, a corpus from the golden vectors, found cases, a guided run."""
