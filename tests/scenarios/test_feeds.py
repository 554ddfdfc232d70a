"""Feeds between nodes: newcomers, withdrawals, gaps, stale heads, other classes, forks."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from comity.errors import Unavailable
from comity.v1 import feed_pb2
from node.flow import publish as flow
from node.records import FeedEntryRow, PeerFeed, PeerToken, PublishedToken
from node.service import feeds, publish
from tests.scenarios.stories import (
    OTHER_PHONE,
    PHONE,
    THIRD_PHONE,
    alarms,
    hit_ids,
    hold,
    met,
    met_on,
    opened,
    phones,
    record_of,
    shown_to,
    states,
)
from tests.simulator import Federation, SimulatedPeers, Team


@pytest.fixture
def small_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries of two tokens, so that a change needs several of them."""
    monkeypatch.setattr(flow, "LIMIT", 2)
    monkeypatch.setattr(flow, "PAD_TO", 1)


def many(count: int, first: int = 0) -> list[tuple[str, str]]:
    return phones(*(f"+40722{first + number:06}" for number in range(count)))


def tokens(reader: Team, publisher: str) -> set[bytes]:
    """What the reader holds of the publisher's feed."""
    with opened(reader) as session:
        query = select(PeerToken.token).where(PeerToken.publisher == publisher)
        return set(session.exec(query).all())


def standing(publisher: Team, reader: Team) -> set[bytes]:
    """What the publisher says that stands in its feed to the reader."""
    with opened(publisher) as session:
        query = select(PublishedToken.token).where(PublishedToken.audience == reader.name)
        return set(session.exec(query).all())


def entries(publisher: Team, audience: str) -> list[FeedEntryRow]:
    with opened(publisher) as session:
        query = select(FeedEntryRow).where(FeedEntryRow.audience == audience)
        return list(session.exec(query.order_by(col(FeedEntryRow.sequence))).all())


def withdraw(team: Team, *values: str) -> None:
    for value in values:
        team.act("liaison", "withdraw", record=record_of(team, value), reason="reassigned")
    team.run("publish")


def test_a_newcomer_reads_a_snapshot_and_never_what_was_withdrawn(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE, OTHER_PHONE, THIRD_PHONE))
    nl.run("publish")
    (first,) = entries(nl, "ro")
    withdrawn = set(flow.split(feed_pb2.FeedBody.FromString(first.body or b"").added))
    withdraw(nl, OTHER_PHONE)
    assert entries(nl, "ro")[0].body is None, "the body has vanished, the signed link stays"
    ro.run("pull")
    assert standing(nl, ro) <= tokens(ro, "nl")
    assert len(standing(nl, ro)) == 2
    assert len(tokens(ro, "nl") & withdrawn) == 2
    hold(ro, *phones(PHONE, OTHER_PHONE))
    federation.exchange()
    assert met(ro) == {("nl", "phone", PHONE): 1}


def test_who_had_read_before_the_withdrawal_forgets_the_token(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE, OTHER_PHONE))
    nl.run("publish")
    ro.run("pull")
    before = tokens(ro, "nl")
    withdraw(nl, PHONE)
    ro.run("pull")
    assert len(before - tokens(ro, "nl")) == 1
    assert standing(nl, ro) <= tokens(ro, "nl")


def test_a_reader_that_was_away_for_many_changes_ends_where_the_others_are(
    federation: Federation, small_entries: None
) -> None:
    nl, ro, it = federation["nl"], federation["ro"], federation["it"]
    hold(nl, *many(5))
    nl.run("publish")
    ro.run("pull")
    for first in range(5, 20, 5):
        hold(nl, *many(5, first))
        nl.run("publish")
        withdraw(nl, f"+40722{first:06}", f"+40722{first - 4:06}")
        it.run("pull")
    ro.run("pull")
    assert tokens(ro, "nl") == standing(nl, ro)
    assert tokens(it, "nl") == standing(nl, it)
    assert shown_to(nl, "ro") == shown_to(nl, "it")
    assert len(standing(nl, ro)) == 14


def test_a_snapshot_of_which_one_entry_vanished_is_not_taken_for_a_whole_one(
    federation: Federation, small_entries: None
) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *many(6))
    nl.run("publish")
    withdraw(nl, "+40722000000")
    with nl.node.store.write() as session:
        publish._snapshot(session, nl.node, "ro")  # what a lost first pull leaves behind
    withdraw(nl, "+40722000001")
    ro.run("pull")
    assert tokens(ro, "nl") == standing(nl, ro)
    assert len(standing(nl, ro)) == 4


def test_a_lost_answer_to_a_pull_costs_nothing(federation: Federation, small_entries: None) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *many(6))
    nl.run("publish")
    withdraw(nl, "+40722000000")
    federation.network.lose_answers = 1.0
    for _ in range(3):
        assert ro.run("pull")["nl"]["error"]["code"] == "unavailable"
    length = len(entries(nl, "ro"))
    federation.network.lose_answers = 0.0
    ro.run("pull")
    assert tokens(ro, "nl") == standing(nl, ro)
    assert len(entries(nl, "ro")) == length, "the snapshot of the first answer served"


def test_a_pull_cut_in_the_middle_goes_on_where_it_was(
    federation: Federation, small_entries: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *many(9))
    nl.run("publish")
    withdraw(nl, "+40722000000")
    pull = SimulatedPeers.pull
    for cut in range(1, 8):

        def short(*arguments: Any, pages: int = cut) -> Iterator[feed_pb2.PullResponse]:
            for number, page in enumerate(pull(*arguments)):
                if number >= pages:
                    raise Unavailable("the connection was cut")
                yield page

        monkeypatch.setattr(SimulatedPeers, "pull", short)
        ro.run("pull")
        if cut == 3:
            withdraw(nl, "+40722000004")
    monkeypatch.undo()
    ro.run("pull")
    assert tokens(ro, "nl") == standing(nl, ro)
    assert len(standing(nl, ro)) == 7


def test_a_class_that_changes_changes_at_the_reader_and_loses_nothing(
    federation: Federation, small_entries: None
) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *many(7))
    nl.run("publish")
    ro.run("pull")
    hold(nl, *many(6, first=1), handling="H1")
    nl.act("liaison", "withdraw", record=record_of(nl, "+40722000000"), reason="reassigned")
    nl.run("publish")
    ro.run("pull")
    assert tokens(ro, "nl") == standing(nl, ro)
    with opened(ro) as session:
        handling = session.exec(select(PeerToken.handling).where(PeerToken.publisher == "nl")).all()
    assert handling == ["H1"] * 6


def test_a_feed_whose_head_is_older_than_a_day_raises_no_hits(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE))
    nl.run("publish")
    ro.run("pull")
    federation.network.cut |= {("ro", "nl"), ("nl", "ro")}
    federation.clock.forward(hours=25)
    hold(ro, *phones(PHONE))
    ro.run("publish")
    ro.run("pull")
    federation.settle()
    assert ro.run("hits") == []
    federation.network.cut.clear()
    ro.run("pull")
    federation.settle()
    assert states(ro) == {"open": 1}
    assert hit_ids(ro) == hit_ids(nl)


def test_a_hit_that_waited_behind_a_stale_head_comes_when_the_feed_grows_too(
    federation: Federation,
) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE))
    nl.run("publish")
    ro.run("pull")
    federation.clock.forward(hours=23, minutes=59)
    hold(ro, *phones(PHONE, OTHER_PHONE))
    federation.clock.forward(minutes=2)
    ro.run("publish")
    hold(nl, *phones(OTHER_PHONE))
    nl.run("publish")
    ro.run("pull")
    assert states(ro) == {"open": 2}


def test_a_feed_that_goes_back_is_refused_and_raises_an_alarm(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE))
    nl.run("publish")
    ro.run("pull")
    with nl.node.store.write() as session:
        for row in session.exec(select(FeedEntryRow)).all():
            session.delete(row)
    answer = ro.run("pull")["nl"]
    assert answer["error"]["code"] == "feed-fork"
    assert alarms(ro)["feed-fork"] == 1
    assert len(tokens(ro, "nl")) == 16, "what was read before stays, padding included"


def test_a_body_that_is_not_the_signed_one_is_refused(federation: Federation) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *phones(PHONE))
    nl.run("publish")

    def other_body(_: str, pages: list[feed_pb2.PullResponse]) -> list[feed_pb2.PullResponse]:
        body = feed_pb2.FeedBody.FromString(pages[0].body)
        body.added = hashlib.sha256(b"another token").digest()[:16] + body.added[16:]
        pages[0].body = body.SerializeToString()
        return pages

    federation.network.tamper["nl.pull"] = other_body
    assert ro.run("pull")["nl"]["error"]["code"] == "corrupt"
    assert tokens(ro, "nl") == set()


def test_two_readers_in_one_node_do_not_take_each_other_for_a_fork(
    federation: Federation, small_entries: None
) -> None:
    nl, ro = federation["nl"], federation["ro"]
    hold(nl, *many(9))
    nl.run("publish")
    readers = [threading.Thread(target=feeds.pull, args=(ro.node, "nl")) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert tokens(ro, "nl") == standing(nl, ro)
    with opened(ro) as session:
        feed = session.get(PeerFeed, "nl")
    assert feed is not None
    assert feed.last_error == ""
    assert alarms(ro) == {}


def test_no_team_can_tell_from_two_feeds_what_they_share(tmp_path: Path) -> None:
    federation = met_on(tmp_path, {"nl": phones(PHONE, OTHER_PHONE), "it": phones(PHONE, OTHER_PHONE)})
    ro = federation["ro"]
    assert tokens(ro, "nl")
    assert not tokens(ro, "nl") & tokens(ro, "it")
    assert not standing(federation["nl"], ro) & standing(federation["it"], ro)


def test_a_new_epoch_leaves_no_gap_while_pseudonyms_are_renewed(tmp_path: Path) -> None:
    federation = met_on(tmp_path, {"nl": phones(PHONE, OTHER_PHONE), "it": phones(PHONE)})
    nl = federation["nl"]
    federation.make_keys("it")
    report = nl.run("publish", pseudonymise_first=False)["feeds"]["it"]
    assert (report["published"], report["removed"]) == (2, 0), "old pseudonyms stand until their successors"
    report = nl.run("publish")["feeds"]["it"]
    assert (report["published"], report["added"], report["removed"]) == (2, 2, 2)
    federation.exchange()
    assert list(hit_ids(nl)) == list(hit_ids(federation["it"])), "one hit, under its first name"
