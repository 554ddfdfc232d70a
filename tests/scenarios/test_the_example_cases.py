"""The main story over the example cases: what overlaps in clear is found, once, alike on both sides."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.scenarios.stories import (
    NATIONS,
    files_of,
    hit_ids,
    holding,
    in_clear,
    met,
    must_meet,
    read_examples,
    read_file,
    shown_to,
)
from tests.simulator import Federation


class Played(NamedTuple):
    """The story after one ordinary day, and what each import said."""

    federation: Federation
    reports: list[dict[str, Any]]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Played once for all tests that only look at it."""
    federation = Federation(tmp_path_factory.mktemp("played"))
    reports = read_examples(federation)
    federation.exchange()
    return Played(federation, reports)


def check(federation: Federation) -> None:
    """Both sides hold the same hits, once for each own record, and no other."""
    expected = must_meet(federation)
    for team in federation.nations:
        assert set(met(team)) == expected[team.name]
        combined = [row for row in team.run("log.list", last=10_000) if row["operation"] == "combination"]
        assert len(combined) == met(team).total()
        for peer in federation.nations:
            if peer is not team:
                assert hit_ids(team, peer.name) == hit_ids(peer, team.name)


def test_what_the_files_share_is_found_on_both_sides_and_nothing_else(played: Played) -> None:
    check(played.federation)
    assert sum(len(each) for each in must_meet(played.federation).values()) > 20
    for team in played.federation.nations:
        assert all(hit["matched"] and hit["noticed"] for hit in team.run("hits"))


def test_each_kind_of_near_miss_meets_nobody(played: Played) -> None:
    clear = {name: in_clear(played.federation, name) for name in NATIONS}
    for one, other in itertools.permutations(NATIONS, 2):
        found = {(kind, normal) for peer, kind, normal in met(played.federation[one]) if peer == other}
        assert found <= clear[one] & clear[other]


def test_what_the_law_withholds_is_in_no_feed_and_each_is_named_with_its_article(played: Played) -> None:
    for one, other in itertools.permutations(NATIONS, 2):
        team = played.federation[one]
        withheld = team.run("publish")["feeds"][other]["withheld"]
        assert in_clear(played.federation, one) - shown_to(team, other)
        assert withheld
        assert all(each["article"] and each["reason"] for each in withheld)


def test_neither_the_broker_nor_a_feed_shows_a_selector(played: Played) -> None:
    federation = played.federation
    carried = b"".join(
        mail.sealed.SerializeToString() for box in federation.broker.mails.values() for mail in box
    )
    for team in federation.nations:
        readers = [federation[name].node.peers for name in NATIONS if name != team.name]
        pages = [page.SerializeToString() for peers in readers for page in peers.pull(team.name, 0, b"")]
        seen = carried + b"".join(pages)
        assert len(seen) > 1_000
        assert not [normal for _, normal in holding(team) if normal.encode() in seen]


def test_bad_lines_are_reported_with_their_line_and_cost_only_themselves(played: Played) -> None:
    lost = 0
    for report in played.reports:
        problems = [each for each in report["problems"] if each["dropped"] == "line"]
        assert all(each["line"] > 0 and each["message"] for each in problems)
        assert report["selectors"]["new"] > 0
        lost += len(problems)
    assert lost >= 5
    assert "3,16555E+10" not in json.dumps(
        [each["message"] for report in played.reports for each in report["problems"]]
    )


def test_pulling_and_publishing_again_raises_no_hit_twice(played: Played) -> None:
    federation = played.federation
    before = {team.name: (met(team), hit_ids(team)) for team in federation.nations}
    delivered = [call for call in federation.network.calls if call[2] == "deliver"]
    for _ in range(3):
        federation.clock.forward(hours=1)
        federation.exchange()
    assert {team.name: (met(team), hit_ids(team)) for team in federation.nations} == before
    assert [call for call in federation.network.calls if call[2] == "deliver"] == delivered


@pytest.mark.parametrize("order", [("ro", "nl", "it"), ("it", "ro", "nl")])
def test_the_order_in_which_teams_publish_and_pull_does_not_matter(
    federation: Federation, order: tuple[str, ...]
) -> None:
    read_examples(federation)
    for name in order:
        federation[name].run("publish")
        federation[name].run("pull")
    for name in reversed(order):
        federation[name].run("pull")
    federation.settle()
    check(federation)


def test_a_restart_between_any_two_steps_changes_nothing(federation: Federation) -> None:
    def restart_all() -> None:
        for name in NATIONS:
            federation.stop(name)
            federation.restart(name)

    read_examples(federation)
    for step in ("publish", "pull"):
        for name in NATIONS:
            restart_all()
            federation[name].run(step)
    restart_all()
    federation.settle()
    check(federation)
    assert all(team.run("log.verify")["ok"] for team in federation.nations)


def test_one_other_digit_in_a_file_and_exactly_its_hits_are_gone(
    federation: Federation, played: Played
) -> None:
    for name in NATIONS:
        for path in files_of(name):
            read_file(federation[name], changed(path, federation.folder))
    federation.exchange()
    before, after = set(met(played.federation["nl"])), set(met(federation["nl"]))
    assert not after - before
    assert {(kind, normal) for _, kind, normal in before - after} == {("phone", "+40722123419")}
    for name in ("it", "ro"):
        assert ("nl", "phone", "+40722123419") not in met(federation[name])


def changed(path: Path, folder: Path) -> Path:
    """A copy of the file in which the Dutch have mistyped the recruiter's number."""
    copy = folder / path.name
    copy.write_bytes(path.read_bytes().replace(b"+40 722-123-419", b"+40 722-123-499"))
    return copy
