"""The store on SQLite or PostgreSQL: one code, two engines.

SQLite runs in write-ahead mode with `synchronous=FULL`, so a commit survives a power cut; writers
begin with BEGIN IMMEDIATE and a lock of the process, so they wait instead of failing half-way.
PostgreSQL writers take one advisory lock, because the log's leaves are numbered without gaps.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool
from sqlmodel import Session, create_engine

from comity.errors import Unavailable

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
WRITER_LOCK = 0x434F4D49


class SqlStore:
    """The `Store` port on any database that SQLAlchemy speaks to and this project tests."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._sqlite = self.engine.dialect.name == "sqlite"
        self._lock = threading.RLock()

    def migrate(self) -> None:
        """Brings the schema to this release's version; safe to repeat."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self._clear_words(), self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One serialised transaction: committed at the end, rolled back on any exception."""
        with self._lock, self._clear_words(), Session(self.engine, expire_on_commit=False) as session:
            if self._sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            else:
                session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view; nothing done in it is kept."""
        with self._clear_words(), Session(self.engine, expire_on_commit=False) as session:
            if self._sqlite:
                session.connection().exec_driver_sql("BEGIN")
            else:
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session
            session.expunge_all()  # what was read may be looked at afterwards
            session.rollback()

    def close(self) -> None:
        """Gives the database's connections back."""
        self.engine.dispose()

    @contextmanager
    def _clear_words(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise Unavailable(*_words(error)) from error


def _words(error: OperationalError) -> tuple[str]:
    reason = str(error.orig).lower()
    if "full" in reason or "no space" in reason:
        return ("the disk of the database is full: nothing was changed; free space and try again",)
    if "locked" in reason:
        return ("the database is locked by another process: nothing was changed; try again",)
    if "readonly" in reason or "permission" in reason:
        return ("the database cannot be written: check the owner and the mode of its files",)
    return ("the database did not answer: nothing was changed; check that it runs and try again",)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), pool_pre_ping=True)
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": 30}}
    if url in ("sqlite://", "sqlite:///:memory:"):
        options["poolclass"] = StaticPool
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where `write` and `read` say
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")
