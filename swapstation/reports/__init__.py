"""Reports of a shift, day, month or year: figures from the records, as JSON, CSV and PDF."""
