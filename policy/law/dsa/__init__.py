"""Regulation (EU) 2022/2065 (Digital Services Act)."""
