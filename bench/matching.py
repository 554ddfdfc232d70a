"""How fast a node takes selectors in, publishes them, and matches a peer's feed against its own.

Two nodes hold equally many synthetic phone numbers, one in a hundred of them in common. OPRF outputs are
given instead of evaluated, because `bench.pseudonymise` measures that; everything else is the nodes' own
code, the feed crosses mutual TLS, and the databases are SQLite with a commit a page. Rates are of processor
seconds of the node that does the step, so that they hardly depend on what else the machine runs; waiting for
the disk is not in them. Two references are taken in the reading process on the same rows: the engine alone
(the same rows and commits through Python's sqlite3) and the limit of any matcher (numpy: sort one side,
search the other).
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sqlmodel import select

from bench.nodes import Remote
from bench.pseudonymise import case_file, replaced, take_in
from comity import threshold
from comity.v1 import envelope_pb2, feed_pb2
from node.bootstrap import NodeApp
from node.flow.publish import LIMIT
from node.records import FeedEntryRow, OwnToken, PeerToken
from node.service import feeds, pseudonymise, publish

SHARED = 100  # one selector in so many is held by both


class Rates(NamedTuple):
    """Selectors a processor second by step, both references likewise, and published bytes a selector."""

    take_in: float
    derive: float
    publish: float
    pull_and_match: float
    engine: float
    numpy: float
    published_bytes: float
    hits: int


def measure(reader: Remote, publisher: Remote, count: int) -> Rates:
    """All steps with `count` selectors on each side."""
    shared = max(1, count // SHARED)
    reader.start(take_in, case_file(count, region="31"))
    publisher.do(take_in, case_file(count, region="31", first=count - shared))
    report, took_in = reader.finish()
    assert report["selectors"]["new"] == count, report
    publisher.start(_give_outputs)
    derived = reader.do(_give_outputs)
    publisher.finish()
    published, size = publisher.do(_publish, reader.team)
    engine = reader.do(_engine, count)
    pulled, hits = reader.do(_pull, publisher.team)
    assert hits == shared, f"{hits} hits instead of {shared}"
    numpy_seconds = reader.do(_numpy, publisher.team)
    return Rates(
        take_in=count / took_in,
        derive=count / derived,
        publish=count / published,
        pull_and_match=count / pulled,
        engine=count / min(engine, reader.do(_engine, count)),
        numpy=count / numpy_seconds,
        published_bytes=size / count,
        hits=hits,
    )


class _Given:
    """Stands for a batch that nobody needs to be asked about: outputs follow from the inputs."""

    others = ()
    elements = bytes(32)

    def __init__(self, inputs: Sequence[bytes], *_: Any) -> None:
        self._outputs = [hashlib.sha512(b"bench" + each).digest() for each in inputs]
        self.blinds = (1,) * len(inputs)

    def opening_root(self, _: Any) -> bytes:
        return bytes(32)

    def audit_element(self) -> bytes:
        return bytes(32)

    def outputs(self) -> list[bytes]:
        return self._outputs

    def unblinded(self) -> list[bytes]:
        return [output[:32] for output in self._outputs]


def _give_outputs(app: NodeApp) -> float:
    """Runs all selectors through gate, sealing, token derivation and matching; processor seconds."""
    start = time.process_time()
    with replaced(threshold, "Batch", _Given):
        *_, last = pseudonymise.pseudonymise(app.parts.node)
    assert not last["result"]["withheld"], last
    return time.process_time() - start


def _publish(app: NodeApp, audience: str) -> tuple[float, int]:
    """Processor seconds, and the bytes that a pull of the whole feed carries."""
    node, start = app.parts.node, time.process_time()
    with node.store.write() as session:
        publish.publish_to(session, node, audience)
    seconds = time.process_time() - start
    with node.store.read() as session:
        rows = session.exec(select(FeedEntryRow).where(FeedEntryRow.audience == audience)).all()
    pages = (
        feed_pb2.PullResponse(entry=envelope_pb2.Envelope.FromString(row.envelope), body=row.body or b"")
        for row in rows
    )
    return seconds, sum(page.ByteSize() for page in pages)


def _pull(app: NodeApp, publisher: str) -> tuple[float, int]:
    """Processor seconds and new hits."""
    start = time.process_time()
    report = feeds.pull(app.parts.node, publisher)
    seconds = time.process_time() - start
    assert "error" not in report, report
    return seconds, report["hits"]


def _numpy(app: NodeApp, publisher: str) -> float:
    """Seconds to match the same tokens in memory; the best of five."""
    with app.parts.node.store.read() as session:
        own = session.exec(select(OwnToken.token).where(OwnToken.peer == publisher)).all()
        theirs = session.exec(select(PeerToken.token).where(PeerToken.publisher == publisher)).all()
    mine, other = (np.frombuffer(b"".join(each), dtype=">u8").astype(np.uint64) for each in (own, theirs))
    return min(_timed(lambda: _meet(mine[::2], mine[1::2], other[::2], other[1::2])) for _ in range(5))


def _meet(high: Any, low: Any, wanted_high: Any, wanted_low: Any) -> int:
    """How many wanted 128-bit numbers are among the others (64-bit ties do not occur at this size)."""
    order = np.argsort(high)
    places = order[np.minimum(np.searchsorted(high, wanted_high, sorter=order), len(high) - 1)]
    return int(np.count_nonzero((high[places] == wanted_high) & (low[places] == wanted_low)))


def _engine(app: NodeApp, count: int) -> float:
    """Seconds that SQLite alone takes for rows like a peer's tokens, with the same commits."""
    path = Path(app.parts.home.folder) / "engine.db"
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute(
        "CREATE TABLE token (publisher TEXT, token BLOB, epoch INTEGER, sequence INTEGER, kind TEXT,"
        " expiry_month TEXT, crime_area TEXT, handling TEXT, PRIMARY KEY (publisher, token))"
    )
    rows = [("it", secrets.token_bytes(16), 1, 1, "phone", "2028-12", "thb", "H1") for _ in range(count)]

    def fill() -> None:
        for start in range(0, count, LIMIT):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO token VALUES (?,?,?,?,?,?,?,?)", rows[start : start + LIMIT])
            database.execute("COMMIT")

    seconds = _timed(fill)
    database.close()
    for each in path.parent.glob("engine.db*"):
        each.unlink()
    return seconds


def _timed(job: Callable[[], object]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start
