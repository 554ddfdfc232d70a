"""T01: whoever holds a feed and no share cannot test a guess; whoever holds one pays for each."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from comity import oprf, threshold
from comity.errors import Exhausted
from comity.pseudonym import token
from node.service.answering import evaluate
from tests.attackers import (
    PHONE,
    commitments,
    federation,
    guess,
    holder_of,
    logged,
    normal_input,
    phones,
    published,
    question,
    quota_used,
    share,
    true_output,
)
from tests.simulator import Federation

DOMAIN = [f"+407221234{last:02d}" for last in range(100)]
FUNCTIONS = ("sha256", "sha512", "sha3_256", "blake2b", "md5")


@pytest.fixture
def two_teams(tmp_path: Path) -> Federation:
    return federation(tmp_path, {"ro": phones(PHONE)})


def public_hashes(number: str, keys: list[bytes]) -> Iterator[bytes]:
    """All that an outsider can compute from a number with what everybody may know."""
    data = normal_input("phone", number)
    bases = [number.encode(), data, oprf.hash_input(data, oprf.Mode.VOPRF), hashlib.sha512(data).digest()]
    for function, base, tag, publisher in product(FUNCTIONS, bases, (b"", b"comity feed"), (b"", b"ro")):
        yield hashlib.new(function, tag + base + publisher).digest()[:16]
    for key, base in product(keys, bases):
        yield hmac.digest(key, base, "sha256")[:16]
        yield hashlib.sha256(key + base).digest()[:16]
        output = oprf.finalize_unblinded(data, key)
        yield token(output, "ro")


def test_no_hash_of_any_number_under_public_data_is_a_published_token(two_teams: Federation) -> None:
    feed = published(two_teams["ro"], "it")
    keys = list(commitments(two_teams["it"]).points)
    guessed = {found for number in DOMAIN for found in public_hashes(number, keys)}
    assert len(guessed) > 90 * len(DOMAIN)
    assert not guessed & feed
    true = true_output([two_teams["nl"], two_teams["it"]], PHONE)
    assert token(true, "ro") in feed  # the number is there: with t shares one guess finds it


def test_t_minus_one_shares_confirm_no_guess(two_teams: Federation) -> None:
    feed, own = published(two_teams["ro"], "it"), share(two_teams["it"])
    tried = set()
    for number, other in product(DOMAIN, (1, 2, 3)):
        if other == own.index:
            continue
        data = normal_input("phone", number)
        point = oprf.hash_input(data, oprf.Mode.VOPRF)
        weighted = threshold.evaluate(own, tuple(sorted((own.index, other))), point)
        plain = oprf.blind_evaluate(own.scalar, point)
        for element in (weighted, plain):
            tried.add(token(oprf.finalize_unblinded(data, element), "ro"))
    assert len(tried) == 3 * len(DOMAIN)
    assert not tried & feed


def test_each_guess_is_counted_and_logged_elsewhere_until_none_is_answered(tmp_path: Path) -> None:
    made = federation(tmp_path, {"ro": phones(PHONE)}, settings={"daily_quota": 40})
    thief, holder = made["it"], made["nl"]
    before = len(logged(holder))
    for start in (0, 10):
        batch = guess(thief, DOMAIN[start : start + 10], [holder_of(made, "nl")])
        evaluate(holder.node, question(thief, batch, "nl"), caller="it")
    again = guess(thief, DOMAIN[20:21], [holder_of(made, "nl")])
    with pytest.raises(Exhausted, match="quota"):
        evaluate(holder.node, question(thief, again, "nl"), caller="it")
    assert quota_used(holder, "it") == 20
    assert logged(holder)[before:] == ["pseudonym evaluation of 10 blinded selectors"] * 2
    assert thief.run("hits") == []


def test_a_guess_without_a_case_is_refused_and_costs_nothing(two_teams: Federation) -> None:
    thief, holder = two_teams["it"], two_teams["nl"]
    before = logged(holder)
    batch = guess(thief, DOMAIN[:1], [holder_of(two_teams, "nl")])
    with pytest.raises(Exception, match="needs a case reference"):
        evaluate(holder.node, question(thief, batch, "nl", cases=()), caller="it")
    assert quota_used(holder, "it") == 0
    assert logged(holder) == before
