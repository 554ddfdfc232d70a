"""The federation's own rules: what its members agreed on beyond the letter of the law."""
