"""Second Additional Protocol to the Budapest Convention (CETS 224); entry into force to be verified."""
