"""Directive (EU) 2016/680 (the Law Enforcement Directive)."""
