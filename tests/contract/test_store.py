"""The promises of the `Store` port: durable, all or nothing, one writer at a time, one consistent view."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, col, select

from node.adapters.store import SqlStore
from node.records import Alarm, LogLeaf, Meta
from node.service import ledger
from tests.contract.conftest import fail_after

Open = Callable[[], SqlStore]
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def put(session: Session, name: str, value: str) -> None:
    session.merge(Meta(name=name, value=value))


def names(store: SqlStore) -> list[str]:
    with store.read() as session:
        return sorted(session.exec(select(Meta.name)).all())


def test_what_was_committed_is_there_for_the_next_process(open_store: Open) -> None:
    first = open_store()
    with first.write() as session:
        put(session, "a", "1")
    first.close()
    assert names(open_store()) == ["a"]


def test_nothing_of_a_failed_block_is_kept(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after(store, lambda session: put(session, "a", "1"))
    assert names(store) == []


def test_nothing_that_is_done_in_a_read_is_kept(store: SqlStore) -> None:
    with store.read() as session:
        put(session, "a", "1")
        session.flush()
    assert names(store) == []


def test_what_was_read_may_be_looked_at_after_the_block(store: SqlStore) -> None:
    with store.write() as session:
        put(session, "a", "1")
    with store.read() as session:
        row = session.get(Meta, "a")
    assert row is not None
    assert row.value == "1"


def test_a_read_sees_one_state_while_others_write(store: SqlStore) -> None:
    with store.write() as session:
        put(session, "a", "before")
    with store.read() as session:
        assert session.exec(select(Meta.value)).all() == ["before"]
        with store.write() as other:
            put(other, "a", "after")
            put(other, "b", "new")
        session.expire_all()
        assert session.exec(select(Meta.value)).all() == ["before"]
    assert names(store) == ["a", "b"]


def test_an_uncommitted_write_is_seen_by_nobody(open_store: Open) -> None:
    store, other = open_store(), open_store()
    with store.write() as session:
        put(session, "a", "1")
        session.flush()
        assert names(other) == []
    assert names(other) == ["a"]


def test_writers_wait_for_one_another_over_threads_and_stores(open_store: Open) -> None:
    stores = [open_store(), open_store()]
    with stores[0].write() as session:
        put(session, "count", "0")

    def count(store: SqlStore) -> None:
        for _ in range(10):
            with store.write() as session:
                row = session.get(Meta, "count")
                assert row is not None
                row.value = str(int(row.value) + 1)
                session.add(row)

    threads = [threading.Thread(target=count, args=(stores[number % 2],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].read() as session:
        row = session.get(Meta, "count")
    assert row is not None
    assert row.value == "40"


def test_the_leaves_of_the_log_are_numbered_without_gaps_by_several_writers(open_store: Open) -> None:
    stores = [open_store(), open_store()]

    def write(store: SqlStore) -> None:
        for _ in range(5):
            with store.write() as session:
                index = ledger.next_index(session)
                session.add(LogLeaf(index=index, record=b"x", leaf_hash=bytes(32)))

    threads = [threading.Thread(target=write, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].read() as session:
        assert session.exec(select(LogLeaf.index).order_by(col(LogLeaf.index))).all() == list(range(10))


def test_instants_come_back_aware_and_in_utc_wherever_they_were_made(store: SqlStore) -> None:
    rome = timezone(timedelta(hours=1))
    with store.write() as session:
        session.add(Alarm(raised_at=NOON.astimezone(rome), level="notice", code="x", text="x"))
    with store.read() as session:
        (alarm,) = session.exec(select(Alarm).where(col(Alarm.raised_at) <= NOON)).all()
    assert alarm.raised_at == NOON
    assert alarm.raised_at.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_not_stored(store: SqlStore) -> None:
    naive = Alarm(raised_at=NOON.replace(tzinfo=None), level="notice", code="x", text="x")
    with pytest.raises(StatementError, match="timezone"), store.write() as session:
        session.add(naive)


def test_a_word_outside_a_closed_vocabulary_is_refused(store: SqlStore) -> None:
    with pytest.raises(IntegrityError, match="level_known"), store.write() as session:
        session.add(Alarm(raised_at=NOON, level="loud", code="x", text="x"))
    with store.read() as session:
        assert session.exec(select(Alarm)).all() == []


def test_migrating_again_changes_nothing(open_store: Open) -> None:
    store = open_store()
    with store.write() as session:
        put(session, "a", "1")
    store.migrate()
    assert names(open_store()) == ["a"]
    assert "log_leaf" in inspect(store.engine).get_table_names()
