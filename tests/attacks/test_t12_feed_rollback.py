"""T12: a reader never goes back, follows one chain only, and does not work on old news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, delete, select

from comity.v1 import feed_pb2
from node.records import FeedEntryRow, PeerFeed, PeerToken, PublishedToken
from node.service import publish
from node.service.outgoing import sign
from tests.attackers import OTHER_PHONE, PHONE, alarms, federation, hold, phones, published
from tests.simulator import Federation, Team

HELD = {"ro": phones(PHONE)}
Pages = list[feed_pb2.PullResponse]


@pytest.fixture
def followed(tmp_path: Path) -> Federation:
    """nl has read two entries of ro's feed."""
    made = federation(tmp_path, HELD)
    hold(made["ro"], *phones(PHONE, OTHER_PHONE))
    made.exchange()
    assert cursor(made["nl"])[0] == 2
    return made


def cursor(reader: Team) -> tuple[int, bytes, set[bytes]]:
    """Where a reader stands in ro's feed, and what it holds of it."""
    with reader.node.store.read() as session:
        feed = session.get(PeerFeed, "ro")
        tokens = session.exec(select(PeerToken.token).where(PeerToken.publisher == "ro")).all()
    assert feed is not None
    return feed.cursor, feed.digest, set(tokens)


def served_instead(made: Federation, change: Callable[[Pages], Pages]) -> Any:
    """nl pulls; what ro answers is changed on the way."""
    made.network.tamper["ro.pull"] = lambda _reader, pages: change(list(pages))
    try:
        return made["nl"].run("pull")["ro"]
    finally:
        made.network.tamper.clear()


def roll_back(publisher: Team, keep: int) -> None:
    """The publisher's database is an older copy."""
    with publisher.node.store.write() as session:
        for table in (FeedEntryRow, PublishedToken):
            session.exec(delete(table).where(col(table.sequence) > keep))


def head(publisher: Team, reader: str, sequence: int, digest: bytes) -> feed_pb2.PullResponse:
    message = feed_pb2.FeedHead(
        publisher=publisher.name,
        audience=reader,
        sequence=sequence,
        digest=digest,
        signed_at_ms=int(publisher.clock.now().timestamp() * 1000),
    )
    return feed_pb2.PullResponse(head=sign(publisher.node, message, [reader], timedelta(days=1)))


def test_a_publisher_that_was_rolled_back_is_noticed_and_nothing_is_forgotten(followed: Federation) -> None:
    before = cursor(followed["nl"])
    roll_back(followed["ro"], keep=1)
    assert followed["nl"].run("pull")["ro"]["error"]["code"] == "feed-fork"
    assert cursor(followed["nl"]) == before
    assert [code for code, _ in alarms(followed["nl"])] == ["feed-fork"]
    followed["ro"].run("publish")  # it goes on from its old copy: a second entry 2
    assert followed["nl"].run("pull")["ro"]["error"]["code"] == "feed-fork"
    assert cursor(followed["nl"]) == before


def test_an_old_head_shown_to_a_reader_is_a_rollback(followed: Federation) -> None:
    before = cursor(followed["nl"])
    with followed["ro"].node.store.read() as session:
        first = session.get(FeedEntryRow, ("nl", 1))
    assert first is not None
    answer = served_instead(followed, lambda _pages: [head(followed["ro"], "nl", 1, first.digest)])
    assert answer["error"]["code"] == "feed-rollback"
    assert cursor(followed["nl"]) == before
    assert [code for code, _ in alarms(followed["nl"])] == ["feed-rollback"]


def cut_before_the_head(pages: Pages) -> Pages:
    return [*pages[:-2], pages[-1]]


def without_the_first(pages: Pages) -> Pages:
    return pages[1:]


def repeated(pages: Pages) -> Pages:
    return [pages[0], *pages]


def with_another_body(pages: Pages) -> Pages:
    body = feed_pb2.FeedBody(added=bytes(16), classes=bytes(2)).SerializeToString()
    return [feed_pb2.PullResponse(entry=pages[0].entry, body=body), *pages[1:]]


@pytest.mark.parametrize("change", [cut_before_the_head, without_the_first, repeated, with_another_body])
def test_entries_that_were_cut_skipped_repeated_or_refilled_are_refused(
    tmp_path: Path, change: Callable[[Pages], Pages]
) -> None:
    made = federation(tmp_path)
    hold(made["nl"], *phones(PHONE, OTHER_PHONE))
    made["nl"].run("publish")
    for numbers in ([PHONE], [PHONE, OTHER_PHONE]):
        hold(made["ro"], *phones(*numbers))
        made["ro"].run("publish")
    answer = served_instead(made, change)
    assert answer["error"]["code"] in ("feed-rollback", "feed-fork", "corrupt")
    assert [code for code, _ in alarms(made["nl"])] == [answer["error"]["code"]]
    assert made["nl"].run("hits") == []
    made["nl"].run("pull")  # the true feed, from where the false one parted
    assert len(made["nl"].run("hits")) == 2
    assert published(made["ro"], "nl") <= cursor(made["nl"])[2]


def test_two_states_of_one_feed_are_refused_by_whoever_read_the_first(followed: Federation) -> None:
    before = cursor(followed["nl"])
    roll_back(followed["ro"], keep=0)
    followed["ro"].run("publish")

    def another_chain(_pages: Pages) -> Pages:
        return publish.serve(followed["ro"].node, "nl", 0, b"")

    assert served_instead(followed, another_chain)["error"]["code"] == "feed-fork"
    assert cursor(followed["nl"]) == before


def test_a_head_older_than_a_day_raises_no_hits_until_the_feed_is_fresh_again(tmp_path: Path) -> None:
    made = federation(tmp_path, HELD)
    made.network.cut.add(("nl", "ro"))
    made.clock.forward(hours=25)
    hold(made["nl"], *phones(PHONE))
    made["nl"].run("publish")
    made["nl"].run("pull")
    assert made["nl"].run("hits") == []
    made.network.cut.clear()
    made["nl"].run("pull")
    assert [hit["peer"] for hit in made["nl"].run("hits")] == ["ro"]
