"""A disk that is full, a database that is locked or read-only: words, and nothing lost or half done."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from comity.errors import Unavailable
from node.adapters.store import SqlStore
from node.records import Meta
from tests.scenarios.stories import PHONE, hold, holding, phones, states
from tests.simulator import Federation, Team


@contextmanager
def full(team: Team, pages: int = 0) -> Iterator[None]:
    """The disk holds that many pages more and no other."""
    engine = team.node.store.engine  # type: ignore[attr-defined]
    with engine.connect() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count={used + pages}")

    event.listen(engine, "checkout", limit)
    engine.dispose()
    try:
        yield
    finally:
        event.remove(engine, "checkout", limit)
        engine.dispose()


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    return Federation(tmp_path)


def many(count: int) -> list[tuple[str, str]]:
    return phones(*(f"+40722{number:06}" for number in range(count)))


@pytest.mark.parametrize("pages", [0, 5])
def test_an_import_onto_a_full_disk_keeps_nothing_and_says_why(federation: Federation, pages: int) -> None:
    nl = federation["nl"]
    with full(nl, pages), pytest.raises(Unavailable, match="full") as refused:
        hold(nl, *many(200))
    assert "nothing was changed" in refused.value.message
    assert holding(nl) == set()
    assert hold(nl, *many(200))["selectors"]["new"] == 200
    assert nl.run("log.verify")["ok"]


def test_a_node_whose_disk_was_full_goes_on_where_it_was(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    for team in (nl, ro):
        hold(team, *phones(PHONE))
    ro.run("publish")
    with full(nl), pytest.raises(Unavailable, match="full"):
        work_until_full(nl)
    federation.stop("nl")
    federation.restart("nl")
    federation.exchange()
    assert states(nl)["open"] == states(ro)["open"] == 1
    assert nl.run("log.verify")["ok"]


def work_until_full(team: Team) -> None:
    """An ordinary day after the other, each with a new case."""
    for number in range(400):
        team.run("publish")
        team.run("pull")
        hold(team, *phones(f"+40733{number:06}"), case=f"NL-2026-{number + 7}")


def test_a_peer_whose_disk_is_full_is_told_later(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    for team in (nl, ro):
        hold(team, *phones(PHONE))
        team.run("publish")
    ro.run("pull")
    with full(nl):
        with suppress(Unavailable):
            fill(nl)
        federation.settle()
        assert ro.run("status")["outbox"]["queued"] == 1
    federation.clock.forward(hours=1)
    federation.settle()
    assert states(nl) == states(ro) == {"open": 1}


def fill(team: Team) -> None:
    """Uses up what is left of the last pages."""
    for number in range(2_000):
        with team.node.store.write() as session:
            session.add(Meta(name=f"filler {number}", value="x" * 500))


def test_a_locked_database_is_said_in_words(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'node.db'}")
    store.migrate()

    def impatient(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA busy_timeout=10")

    event.listen(store.engine, "checkout", impatient)
    with closing(sqlite3.connect(tmp_path / "node.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"), store.write() as session:
            session.add(Meta(name="a", value="1"))
        other.execute("ROLLBACK")
    with store.write() as session:
        session.add(Meta(name="a", value="1"))
    with store.read() as session:
        assert session.exec(select(Meta.name)).all() == ["a"]
    store.close()


def test_a_database_that_cannot_be_opened_is_said_in_words(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'missing' / 'node.db'}")
    with pytest.raises(Unavailable) as refused:
        store.migrate()
    assert "sqlite" not in refused.value.message.lower()


def test_a_server_that_does_not_answer_is_said_in_words() -> None:
    store = SqlStore("postgresql+psycopg://nobody@127.0.0.1:9/comity?connect_timeout=1")
    with pytest.raises(Unavailable, match="did not answer"):
        store.migrate()
