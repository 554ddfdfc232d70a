"""What a node needs from the world, as promises. Every adapter of a port passes the same suite."""
