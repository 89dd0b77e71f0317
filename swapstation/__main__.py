"""`python -m swapstation` is the command line."""

from swapstation.cli.main import main

main()
