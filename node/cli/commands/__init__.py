"""The commands of `comity-node`, one module a subject."""
