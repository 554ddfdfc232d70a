"""Regulation (EU) 2023/1543 on electronic evidence: orders to service providers, beside the federation."""
