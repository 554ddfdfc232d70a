"""What logs may be used for, each under its own act."""
