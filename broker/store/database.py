"""One database, SQLite or PostgreSQL, with the promises that the services build on.

`write` gives one transaction that no other writer overlaps and that is on the disk when it returns:
killed at any moment, the broker has confirmed nothing that it does not have. `read` sees committed
rows only. Erased rows are overwritten (SQLite's secure_delete; PostgreSQL leaves it to VACUUM).
What goes wrong underneath is said in words: a full disk is `Exhausted`, anything else `Unavailable`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlmodel import Session, create_engine

from comity.errors import ComityError, Exhausted, Malformed, Unavailable

MIGRATIONS: Final = Path(__file__).resolve().parent.parent / "migrations"
WRITER_LOCK: Final = 0x434F4D42  # PostgreSQL advisory lock: one broker writes at a time
_FULL: Final = ("full", "no space", "53100")


class Database:
    """The broker's database at `url`, e.g. "sqlite:////var/lib/comity/broker.sqlite"."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._sqlite = self.engine.dialect.name == "sqlite"
        self._writer = threading.Lock()

    def migrate(self) -> None:
        """Brings the schema to the newest version; does nothing when it is there."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with _in_words(), self._writer, self.engine.begin() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction, alone; committed and on the disk at the end, or not at all."""
        with _in_words(), self._writer, Session(self.engine, expire_on_commit=False) as session:
            if self._sqlite:
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            else:
                session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})
            yield session
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Committed rows, which stay readable afterwards; closing keeps nothing of what is done here."""
        with _in_words(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"), pool_timeout=10)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        raise Malformed(
            "The database address is not understood.",
            field="database",
            remedy='Use "sqlite:////path/file.sqlite" or "postgresql+psycopg://user@host/name".',
        ) from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _worded(error) from error


def _worded(error: DBAPIError) -> ComityError:
    reason = f"{error.orig} {getattr(error.orig, 'sqlstate', '')}".lower()
    if any(sign in reason for sign in _FULL):
        return Exhausted(
            "The broker's disk is full.", code="disk-full", remedy="Nothing was accepted; try again later."
        )
    return Unavailable(
        "The broker's database cannot be used now.",
        code="database",
        remedy="Nothing was accepted; try again.",
    )
