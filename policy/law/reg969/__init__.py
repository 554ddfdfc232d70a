"""Regulation (EU) 2023/969 on the collaboration platform of joint investigation teams."""
