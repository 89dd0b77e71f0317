"""Test-wide settings: bounded, deterministic Hypothesis."""

from hypothesis import HealthCheck, settings

slow_is_fine = [HealthCheck.too_slow]
settings.register_profile(
    "default", max_examples=60, deadline=None, derandomize=True, suppress_health_check=slow_is_fine
)
settings.register_profile("nightly", max_examples=5000, deadline=None)
settings.load_profile("default")
