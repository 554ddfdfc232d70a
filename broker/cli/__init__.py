"""The command line `comity-broker`. Exit codes: 0 done, 1 refused or failed, 2 bad input, 3 unavailable."""

from broker.cli.app import main

__all__ = ["main"]
