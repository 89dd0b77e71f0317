"""The station database: tables, migrations, journal, queries, rules of stock changes."""
