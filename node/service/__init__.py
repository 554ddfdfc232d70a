"""Use cases: each function is one act of a person, a peer or a timer, in one transaction.

Calls to other machines happen between transactions, never inside one, so that a crash at any
instruction leaves either the state before the act or the state after it.
"""
