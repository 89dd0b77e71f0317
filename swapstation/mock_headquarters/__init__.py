"""A headquarters for tests and acceptance: strict, remembers everything, misbehaves on demand."""
