"""The rules of law: one package an instrument, one file an article, next to each file its table of cases."""
