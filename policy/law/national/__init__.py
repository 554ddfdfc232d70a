"""National law: one package a member, as its own lawyers fill it in (docs/law-modules.md)."""
