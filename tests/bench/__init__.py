"""Measurements of the product: `python -m tests.bench` writes docs/benchmarks.md."""
