"""Regulation (EU) 2016/794 on Europol, and the handling codes that Europol and SIENA use."""
