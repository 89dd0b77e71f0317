"""Documents that follow from code and data: `python -m tests.documents` writes them, a test compares them."""
