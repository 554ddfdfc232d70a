"""Directive 2011/36/EU on trafficking in human beings, as amended by Directive (EU) 2024/1712."""
