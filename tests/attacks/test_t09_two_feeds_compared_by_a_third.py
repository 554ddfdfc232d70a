"""T09: the same person in two feeds looks like two strangers to whoever lacks the selector."""

from __future__ import annotations

import hashlib
from itertools import product
from pathlib import Path

from sqlmodel import select

from comity.pseudonym import token
from comity.v1.feed_pb2 import FeedBody
from node.flow.publish import split
from node.records import FeedEntryRow, PeerToken
from tests.attackers import OTHER_PHONE, PHONE, federation, hold, phones, published, true_output
from tests.simulator import Federation

HELD = {"nl": phones(PHONE, OTHER_PHONE), "ro": phones(PHONE, OTHER_PHONE)}


def read_by(made: Federation, reader: str, publisher: str) -> dict[bytes, tuple[str, ...]]:
    """Everything that a reader knows of a feed: each token and its class."""
    with made[reader].node.store.read() as session:
        rows = session.exec(select(PeerToken).where(PeerToken.publisher == publisher)).all()
    return {row.token: (row.kind, row.expiry_month, row.crime_area, row.handling) for row in rows}


def test_tokens_of_one_number_in_two_feeds_have_nothing_in_common(tmp_path: Path) -> None:
    made = federation(tmp_path, HELD)
    feeds = {name: read_by(made, "it", name) for name in ("nl", "ro")}
    assert published(made["nl"], "it") <= set(feeds["nl"])
    assert not set(feeds["nl"]) & set(feeds["ro"])
    names = (b"nl", b"ro", b"it", b"comity feed", b"")
    for function in ("sha256", "sha512", "blake2b"):
        moved = {
            hashlib.new(function, before + each + after).digest()[:16]
            for each, before, after in product(feeds["nl"], names, names)
        }
        assert not moved & set(feeds["ro"])
    assert made["it"].run("hits") == []
    for number in (PHONE, OTHER_PHONE):  # both are there, under the names of their publishers
        output = true_output([made["nl"], made["ro"]], number)
        assert token(output, "nl") in feeds["nl"]
        assert token(output, "ro") in feeds["ro"]


def test_padding_and_sorting_hide_which_tokens_are_real_and_which_came_first(tmp_path: Path) -> None:
    made = federation(tmp_path, HELD)
    feed = read_by(made, "it", "nl")
    assert len(feed) == 16
    assert len(published(made["nl"], "it")) == 2
    assert len(set(feed.values())) == 1  # a padding token carries a class like the others
    with made["nl"].node.store.read() as session:
        entry = session.exec(select(FeedEntryRow).where(FeedEntryRow.audience == "it")).one()
    sent = split(FeedBody.FromString(entry.body or b"").added)
    assert sent == sorted(feed)


def test_a_third_team_that_holds_the_number_itself_rightly_meets_both(tmp_path: Path) -> None:
    made = federation(tmp_path, HELD)
    hold(made["it"], *phones(PHONE))
    made.exchange()
    hits = made["it"].run("hits")
    assert sorted(hit["peer"] for hit in hits) == ["nl", "ro"]
    assert len({hit["hit"] for hit in hits}) == 2  # and tells neither that the other is there
    assert {hit["peer"] for hit in made["nl"].run("hits")} == {"ro", "it"}
