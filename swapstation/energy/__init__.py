"""Energy of the site: tariffs, forecast, plan, limits, ledger, battery health. Pure: no device, clock or file."""
