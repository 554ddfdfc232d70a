"""Regulation (EU) 2016/679: what carries a lead that an NGO or a company hands in."""
