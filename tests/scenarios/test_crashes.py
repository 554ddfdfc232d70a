"""A node dies at the k-th commit of the story, is started again and goes on: the end is the same.

The store is wrapped: at its k-th write the process "dies", once just before the commit, so that nothing
of it is kept, and once just after it, so that nobody heard of it. What the operator repeats is what a
worker would repeat: publish, pull, settle, release.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from node.service import egress
from tests.scenarios.stories import (
    OTHER_PHONE,
    PHONE,
    SUBSCRIBER,
    case_file,
    hit_ids,
    hold,
    met,
    phones,
    record_of,
    states,
)
from tests.simulator import Federation, Team

URGENT = {"urgency": "U2", "urgency_reasons": "a victim is to be moved tonight", "exception": "b"}


class Died(BaseException):
    """The process ended here. No handler of ordinary errors sees it."""


class MortalStore:
    """A store that dies at its `at`-th write: before the commit, or right after it."""

    def __init__(self, inner: Any, at: int, *, committed: bool) -> None:
        self.inner, self.at, self.committed, self.writes = inner, at, committed, 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.writes += 1
        if self.writes == self.at and not self.committed:
            with suppress(Died), self.inner.write() as session:
                yield session
                raise Died
            raise Died
        with self.inner.write() as session:
            yield session
        if self.writes == self.at:
            raise Died

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self.inner.read() as session:
            yield session

    def close(self) -> None:
        self.inner.close()


class Story:
    """The story of two nations, as steps that may be repeated."""

    def __init__(self, folder: Path) -> None:
        self.federation = Federation(folder)
        self.mortal = self.federation["nl"]
        hold(self.federation["ro"], *phones(PHONE, OTHER_PHONE))
        self.federation["ro"].run("publish")
        self.request = "ab" * 16

    def steps(self) -> list[Any]:
        nl, ro, federation = self.mortal, self.federation["ro"], self.federation

        def read() -> None:
            nl.import_text("case.csv", case_file("NL-1", *phones(PHONE, OTHER_PHONE)))

        def publish() -> None:
            nl.run("publish")

        def pull() -> None:
            nl.run("pull")

        def ask() -> None:
            (hit,) = [hit for hit in nl.run("hits") if hit["hit"] == shared_hit(ro, PHONE)]
            federation.ask("nl", hit, request=self.request, **URGENT)

        def answer() -> None:
            answer_once(federation, self.request)

        def withdraw() -> None:
            nl.act("liaison", "withdraw", record=record_of(nl, OTHER_PHONE), reason="moved")

        def witness() -> None:
            nl.run("log.witness")

        def ro_pulls() -> None:
            ro.run("pull")

        settle = federation.settle
        first = [read, publish, pull, settle, ro_pulls, settle, witness]
        return [*first, ask, answer, settle, withdraw, settle, publish, witness]

    def play(self, at: int, *, committed: bool) -> int:
        """Plays all steps, dying at the `at`-th write of the Dutch node; returns its number of writes."""
        store = MortalStore(self.mortal.node.store, at, committed=committed)
        self.mortal.node.store = store
        died = False
        for step in self.steps():
            try:
                step()
            except Died:
                died = True
                self.revive()
                step()
        writes = store.writes
        if died:
            self.revive()
        self.federation.clock.forward(hours=1)
        self.federation.exchange()
        return writes

    def revive(self) -> None:
        self.federation.stop("nl")
        self.federation.restart("nl")
        self.federation.clock.forward(minutes=10)
        self.federation.settle()

    def outcome(self) -> dict[str, Any]:
        """What must be the same whatever happened on the way."""
        nl, ro = self.mortal, self.federation["ro"]
        received = nl.run("received", request=self.request)
        return {
            "met": (met(nl), met(ro)),
            "states": (states(nl), states(ro)),
            "agreed": hit_ids(nl) == hit_ids(ro),
            "received": [(item["value"], item["state"]) for item in received],
            "requests": [len(team.run("requests.list")) for team in (nl, ro)],
            "receipts": [bool(row["receipt_at"]) for row in ro.run("disclosures")],
            "queued": [team.run("status")["outbox"] for team in (nl, ro)],
            "logs": [team.run("log.verify")["ok"] for team in (nl, ro)],
            "records": sorted(row["state"] for row in nl.run("records")),
            "disclosures": len(ro.run("disclosures")),
        }


def shared_hit(team: Team, value: str) -> str:
    """The hit that stands on the record of this value."""
    return str(next(hit["hit"] for hit in team.run("hits") if record_of(team, value) in hit["records"]))


def answer_once(federation: Federation, request: str) -> None:
    """Romania answers, if it has not."""
    ro = federation["ro"]
    if not ro.run("disclosures"):
        federation.answer("ro", request)
    egress.release_due(ro.node)
    federation.settle()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    """How the story ends when nothing happens, and how many writes the Dutch node makes in it."""
    story = Story(tmp_path_factory.mktemp("undisturbed"))
    writes = story.play(10_000, committed=False)
    return story.outcome(), writes


def test_the_story_by_itself_ends_as_it_should(undisturbed: tuple[dict[str, Any], int]) -> None:
    outcome, writes = undisturbed
    assert outcome["agreed"]
    assert outcome["states"] == ({"open": 1, "withdrawn": 1}, {"open": 1, "withdrawn": 1})
    assert outcome["received"] == [(SUBSCRIBER, "live")]
    assert writes > 20


@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("share", [0.02, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_node_that_dies_on_the_way_ends_where_it_would_have_ended(
    tmp_path: Path, undisturbed: tuple[dict[str, Any], int], share: float, committed: bool
) -> None:
    outcome, writes = undisturbed
    story = Story(tmp_path)
    story.play(max(1, round(writes * share)), committed=committed)
    assert story.outcome() == outcome


@pytest.mark.soak
@pytest.mark.parametrize("committed", [False, True], ids=["before the commit", "after the commit"])
def test_a_node_may_die_at_any_commit_of_the_story(
    tmp_path: Path, undisturbed: tuple[dict[str, Any], int], committed: bool
) -> None:
    outcome, writes = undisturbed
    for at in range(1, writes + 1):
        story = Story(tmp_path / str(at))
        story.play(at, committed=committed)
        assert story.outcome() == outcome, f"died at write {at}"
