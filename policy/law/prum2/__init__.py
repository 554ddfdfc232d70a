"""Regulation (EU) 2024/982 (Prüm II): searches of biometrics, police records and vehicles."""
