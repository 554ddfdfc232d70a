"""Directive 2012/29/EU on the rights of victims."""
