"""The station's configuration: frozen settings, read from one TOML file that explains every mistake in it."""
