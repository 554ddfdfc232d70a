"""The command lines `comity-node` and `comity`.

Exit codes: 0 done, 1 refused or failed, 2 bad usage or input, 3 unavailable. Modules of commands import
what is slow inside the command, so that help and refusals are fast.
"""
