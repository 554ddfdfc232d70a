"""The node's own machine: database, files, clock, chance."""
