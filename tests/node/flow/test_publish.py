"""Feed bodies: sorted, padded, each token with its class, and a change that is exactly the difference."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from node.flow.publish import LIMIT, PAD_TO, TOKEN, Change, Entry, change, class_of, entries, split
from tests.simulator import SeededChance


def token(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(4, "big")).digest()[:TOKEN]


def feed_class(number: int) -> str:
    return class_of({"kind": "phone", "retention_until": f"20{27 + number}-12-31", "handling": "H0"})


feeds = st.dictionaries(st.integers(0, 40).map(token), st.integers(0, 3).map(feed_class), max_size=40)
big_feeds = st.integers(0, 2_500).map(lambda size: {token(number): feed_class(0) for number in range(size)})


def made(what: Change, *, snapshot: bool = False) -> list[Entry]:
    return entries(what, SeededChance("padding"), snapshot=snapshot)


def read(standing: dict[bytes, str], found: list[Entry]) -> dict[bytes, str]:
    """What a reader holds after these entries: removals first, then additions, entry by entry."""
    held = {} if found and found[0].snapshot else dict(standing)
    for entry in found:
        for gone in split(entry.body.removed):
            held.pop(gone, None)
        for one, place in zip(split(entry.body.added), split(entry.body.classes, 2), strict=True):
            kind = entry.classes[int.from_bytes(place, "big")]
            held[one] = json.dumps([kind.kind, kind.expiry_month, kind.crime_area, kind.handling])
    return held


@given(standing=feeds, wanted=feeds)
def test_a_reader_of_the_change_holds_what_is_wanted_and_padding(
    standing: dict[bytes, str], wanted: dict[bytes, str]
) -> None:
    held = read(standing, made(change(standing, wanted)))
    assert {one: held[one] for one in wanted} == wanted
    known = {token(number) for number in range(41)}
    assert set(held) & known == set(wanted)


@given(standing=big_feeds, wanted=big_feeds, other=st.integers(1, 3).map(feed_class))
@settings(max_examples=15, deadline=None)
def test_tokens_that_change_their_class_in_a_large_change_are_not_lost(
    standing: dict[bytes, str], wanted: dict[bytes, str], other: str
) -> None:
    wanted = {one: other for one in wanted if one[0] % 3}
    held = read(standing, made(change(standing, wanted)))
    assert {one: held.get(one) for one in wanted} == wanted
    assert not (set(standing) - set(wanted)) & set(held)


@given(standing=feeds)
def test_nothing_new_makes_no_entry(standing: dict[bytes, str]) -> None:
    assert not change(standing, standing)
    assert made(change(standing, standing)) == []


@given(wanted=feeds)
def test_a_snapshot_is_never_without_an_entry_and_ends_complete(wanted: dict[bytes, str]) -> None:
    found = made(Change(wanted, set()), snapshot=True)
    assert found
    assert [entry.complete for entry in found] == [False] * (len(found) - 1) + [True]
    assert all(entry.snapshot for entry in found)
    assert set(wanted) <= set(read({}, found))


@given(wanted=st.one_of(feeds, big_feeds), removed=st.one_of(feeds, big_feeds))
@settings(max_examples=25, deadline=None)
def test_bodies_are_sorted_padded_and_of_bounded_size(
    wanted: dict[bytes, str], removed: dict[bytes, str]
) -> None:
    for entry in made(Change(wanted, set(removed) - set(wanted))):
        added = split(entry.body.added)
        assert added == sorted(added)
        assert split(entry.body.removed) == sorted(split(entry.body.removed))
        assert len(added) % PAD_TO == 0 or len(added) == LIMIT
        assert len(added) <= LIMIT + PAD_TO
        assert len(split(entry.body.removed)) <= LIMIT
        assert len(entry.body.classes) == 2 * len(added)
        assert len(set(added)) == len(added)


@given(wanted=feeds)
def test_every_class_of_the_table_is_used_and_every_token_names_one(wanted: dict[bytes, str]) -> None:
    for entry in made(Change(wanted, set())):
        places = {int.from_bytes(place, "big") for place in split(entry.body.classes, 2)}
        assert places == set(range(len(entry.classes)))


@given(size=st.integers(1, PAD_TO))
def test_small_feeds_of_any_size_look_alike(size: int) -> None:
    (entry,) = made(Change({token(number): feed_class(0) for number in range(size)}, set()))
    assert len(entry.body.added) == PAD_TO * TOKEN


@given(wanted=feeds)
def test_the_same_change_and_chance_give_the_same_bytes(wanted: dict[bytes, str]) -> None:
    once, again = made(Change(wanted, set())), made(Change(wanted, set()))
    assert [entry.body.SerializeToString(deterministic=True) for entry in once] == [
        entry.body.SerializeToString(deterministic=True) for entry in again
    ]


def test_a_class_says_kind_month_area_and_handling_and_nothing_else() -> None:
    facts = {
        "kind": "phone",
        "retention_until": "2029-12-31",
        "crime_area": "trafficking-in-human-beings",
        "handling": "H1",
        "subject_category": "victim",
        "legal_basis": "national act",
    }
    assert json.loads(class_of(facts)) == ["phone", "2029-12", "trafficking-in-human-beings", "H1"]
    assert class_of({**facts, "subject_category": "suspect"}) == class_of(facts)
    assert class_of({**facts, "retention_until": "2029-12-01"}) == class_of(facts)
