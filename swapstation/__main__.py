"""`python -m swapstation` is the command line."""

from swapstation.cli import main

main()
