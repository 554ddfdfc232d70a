"""One use case, one transaction: mail, roster, witness."""
