"""The protocol of Comity: schemas (`comity.v1`) and the pure code that gives them meaning.

Promised here: no input, no output, no clock and no chance of its own outside `comity.transport` and
the command line of `comity.verify`; whatever needs the time or random bytes takes them as an argument.
"""
