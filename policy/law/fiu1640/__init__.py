"""Directive (EU) 2024/1640: exchange between financial intelligence units, due from 10 July 2027."""
