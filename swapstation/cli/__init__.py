"""The command line: one file per verb; `main` mounts them."""
