"""Directive (EU) 2019/1153 on financial information."""
