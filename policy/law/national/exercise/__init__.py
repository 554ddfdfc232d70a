"""A synthetic member for exercises and case tables; no state's law."""
