"""The verifiable log: an RFC 9162 Merkle tree with C2SP notes, checkpoints and witnesses.

Promised here: everything needed to check a log without trusting its owner. Storage, locks and the schedule
of checkpoints are the node's.
"""
