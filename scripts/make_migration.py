"""Writes a migration of the node's schema from the difference between tables and migrations.

Usage: python scripts/make_migration.py NUMBER "what changes"
"""

from __future__ import annotations

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlmodel import create_engine

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "proto"), str(ROOT)]


def main(number: str, message: str) -> None:
    """Upgrades an empty database, then writes what the tables have beyond it."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "node" / "migrations"))
    with create_engine("sqlite://").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(*sys.argv[1:])
