"""What the broker remembers, in SQLite or PostgreSQL."""
