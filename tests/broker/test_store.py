"""The database: migrations, blindness of the schema, kill -9, a full disk, words."""

from __future__ import annotations

import os
import re
import secrets
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from broker.service.mailbox import Mailboxes, Quotas
from broker.store.database import Database
from broker.store.tables import Base
from comity.errors import Exhausted, Malformed, Unavailable
from tests.broker.federation import Clock

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/broker.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")
    database = Database(url)
    database.migrate()
    yield database
    database.close()


def _boxes(database: Database, clock: Clock | None = None) -> Mailboxes:
    return Mailboxes(database, quotas=Quotas(), is_member=lambda _: True, clock=clock or Clock())


def test_the_migrations_lead_to_the_tables_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    _boxes(database).put(sender="nl", recipient="it", mail=bytes(16), sealed=b"x")
    database.migrate()
    assert [box.mails for box in _boxes(database).state()] == [1]


def test_a_mail_has_no_column_but_sender_addressee_size_time_id_and_ciphertext() -> None:
    columns = {
        table.name: {column.name for column in table.columns} for table in Base.metadata.tables.values()
    }
    assert columns == {
        "mailbox": {"recipient", "last_sequence"},
        "mail": {"recipient", "sequence", "sender", "mail", "sealed", "size", "received_at_ms"},
        "accepted": {"sender", "mail", "received_at_ms"},
        "roster_version": {"version", "fingerprint", "envelope"},
        "witnessed_log": {"origin", "size", "root", "note"},
        "evidence": {"digest", "origin", "code", "earlier", "later", "seen_at_ms"},
    }


def test_the_document_lists_every_column() -> None:
    document = (ROOT / "docs/protocol/broker.md").read_text(encoding="utf-8")
    for table in Base.metadata.tables.values():
        for column in table.columns:
            assert re.search(rf"\| `{table.name}` \|.*`{column.name}`", document), (
                f"{table.name}.{column.name}"
            )


def test_erased_mail_is_overwritten_in_the_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/broker.sqlite")
    database.migrate()
    boxes = _boxes(database)
    marker = secrets.token_bytes(200)
    boxes.put(sender="nl", recipient="it", mail=bytes(16), sealed=marker)
    assert marker in _bytes_of(tmp_path)
    boxes.acknowledge("it", 1)
    database.close()
    assert marker not in (tmp_path / "broker.sqlite").read_bytes()


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_a_full_disk_refuses_in_words_and_stores_nothing(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/broker.sqlite")
    database.migrate()
    boxes = _boxes(database)
    with database.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count={pages + 4}"))
    with pytest.raises(Exhausted, match="disk is full") as refused:
        boxes.put(sender="nl", recipient="it", mail=bytes(16), sealed=secrets.token_bytes(100_000))
    assert refused.value.code == "disk-full"
    assert boxes.state() == []
    assert not boxes.put(sender="nl", recipient="it", mail=bytes(16), sealed=b"small")
    database.close()


def test_a_locked_database_is_unavailable_in_words(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/broker.sqlite")
    database.migrate()
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA busy_timeout=1"))
    holder = sqlite3.connect(tmp_path / "broker.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="cannot be used now"):
        _boxes(database).put(sender="nl", recipient="it", mail=bytes(16), sealed=b"x")
    holder.execute("ROLLBACK")
    holder.close()
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "oracle://x", "sqlite+nothing://"])
def test_a_database_address_that_is_none_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(Malformed) as refused:
        Database(url)
    assert refused.value.field == "database"


def test_a_server_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2")
    with pytest.raises(Unavailable):
        database.migrate()
    database.close()


WRITER = textwrap.dedent("""
    import sys
    from broker.service.mailbox import Mailboxes, Quotas
    from broker.store.database import Database
    from tests.broker.federation import Clock

    database = Database(sys.argv[1])
    database.migrate()
    boxes = Mailboxes(database, quotas=Quotas(), is_member=lambda _: True, clock=Clock())
    for number in range(1_000_000):
        boxes.put(sender="nl", recipient="it", mail=number.to_bytes(16, "big"), sealed=bytes(2_000))
        print(number, flush=True)
""")


def test_a_broker_killed_in_mid_write_has_all_that_it_confirmed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/broker.sqlite"
    environment = os.environ | {"PYTHONPATH": f"{ROOT}/proto{os.pathsep}{ROOT}"}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as writer:
        assert writer.stdout is not None
        confirmed = [int(line) for line, _ in zip(writer.stdout, range(40), strict=False)]
        writer.send_signal(signal.SIGKILL)
        confirmed += [int(line) for line in writer.stdout if line.endswith("\n")]
    database = Database(url)
    database.migrate()
    stored = [int.from_bytes(mail.mail, "big") for mail in _boxes(database).follow("it", after=0, seconds=0)]
    database.close()
    assert len(confirmed) >= 40
    assert stored[: len(confirmed)] == confirmed
    assert len(stored) - len(confirmed) in {0, 1}  # committed, and killed before it could say so
