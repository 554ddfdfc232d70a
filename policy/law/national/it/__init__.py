"""Italy: judges and prosecutors sign more, bank records among it."""
