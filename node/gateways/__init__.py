"""The wire, seen from this node: calls to peers and to the broker."""
