"""Directive (EU) 2023/977 on the exchange of information between law enforcement authorities."""
