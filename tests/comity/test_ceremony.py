"""Holders make keys together; whoever deals wrongly is named, and nobody holds a whole key."""

from __future__ import annotations

import itertools
import json
import random
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import ceremony, group, threshold
from comity.ceremony import Blame, Dealing, Dealt
from comity.errors import Malformed
from comity.threshold import Commitments, Share
from comity.v1 import ceremony_pb2

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "threshold.json").read_text())["ceremony"]
CHANCE = random.Random(5).randbytes
RUN = bytes(range(16))
KINDS = ["phone", "email"]
HOLDERS = (1, 2, 3, 4, 5)
DEALINGS = {i: ceremony.deal(RUN, i, KINDS, 3, CHANCE) for i in HOLDERS}


def _check(public: bytes, dealer: int = 2, commitment: bytes | None = None) -> Dealt:
    return ceremony.check_public(public, commitment or sha256(public).digest(), RUN, dealer, KINDS, 3)


DEALTS = {i: _check(dealing.public, i) for i, dealing in DEALINGS.items()}


def _finish(index: int) -> tuple[dict[str, Share], dict[str, Commitments]]:
    return ceremony.finish(DEALTS, {i: d.shares_for(index) for i, d in DEALINGS.items()}, index)


def _message(dealer: int = 2) -> ceremony_pb2.CeremonyPublic:
    return ceremony_pb2.CeremonyPublic.FromString(DEALINGS[dealer].public)


def test_all_holders_end_with_shares_of_the_same_keys() -> None:
    ends = {index: _finish(index) for index in HOLDERS}
    for kind in KINDS:
        commitments = ends[1][1][kind]
        assert all(end[1][kind] == commitments for end in ends.values())
        for index, (shares, _) in ends.items():
            assert shares[kind].index == index
            assert group.multiply_base(shares[kind].scalar) == commitments.public_share(index)
    assert ends[1][1]["phone"].public_key != ends[1][1]["email"].public_key


def test_any_t_shares_give_the_key_and_no_fewer_do() -> None:
    shares = {index: _finish(index)[0]["phone"].scalar for index in HOLDERS}
    public_key = _finish(1)[1]["phone"].public_key
    for size in (1, 2, 3):
        for subset in itertools.combinations(HOLDERS, size):
            guess = sum(threshold.lagrange(i, subset) * shares[i] for i in subset) % group.ORDER
            assert (group.multiply_base(guess) == public_key) is (size == 3)


def test_the_key_is_the_sum_of_all_dealers_constant_terms() -> None:
    constants = sum(dealing.polynomials[0][0] for dealing in DEALINGS.values())
    assert group.multiply_base(constants) == _finish(3)[1]["phone"].public_key


def test_a_stored_dealing_comes_back_whole_and_shows_no_secret_in_text() -> None:
    dealing = DEALINGS[1]
    assert Dealing.from_bytes(dealing.to_bytes()) == dealing
    assert str(dealing.polynomials[0][0]) not in repr(dealing)
    for broken in (b"", bytes(4), dealing.to_bytes()[:100]):
        with pytest.raises(Malformed):
            Dealing.from_bytes(broken)


def test_a_public_part_that_differs_from_its_commitment_is_blamed() -> None:
    with pytest.raises(Blame) as blamed:
        _check(DEALINGS[2].public, commitment=DEALINGS[3].commitment)
    assert (blamed.value.holder, blamed.value.reason) == (2, "commitment")
    assert _check(DEALINGS[2].public, commitment=DEALINGS[2].commitment).dealer == 2


def test_a_public_part_of_another_ceremony_dealer_kind_or_threshold_is_blamed() -> None:
    altered = {name: _message() for name in ("ceremony", "dealer", "kinds", "short", "long", "salt", "bad")}
    altered["ceremony"].ceremony = bytes(16)
    altered["dealer"].dealer = 3
    altered["kinds"].labels.reverse()
    del altered["short"].labels[0].commitments[2]
    altered["long"].labels[1].commitments.append(group.multiply_base(9))
    altered["salt"].salt = b""
    altered["bad"].labels[0].commitments[1] = group.IDENTITY
    for name, message in altered.items():
        with pytest.raises(Blame) as blamed:
            _check(message.SerializeToString())
        assert (blamed.value.holder, blamed.value.reason) == (2, "commitment"), name
    with pytest.raises(Blame) as blamed:
        _check(b"\xff not a message")
    assert blamed.value.reason == "commitment"


@pytest.mark.parametrize("proof", [bytes(64), b"\xff" * 64, b"", bytes(63), bytes(65)])
def test_a_wrong_proof_of_possession_is_blamed(proof: bytes) -> None:
    message = _message()
    message.labels[1].possession = proof
    with pytest.raises(Blame) as blamed:
        _check(message.SerializeToString())
    assert (blamed.value.holder, blamed.value.reason) == (2, "possession")


def test_a_proof_of_possession_taken_from_another_dealer_or_kind_is_blamed() -> None:
    stolen = _message()
    stolen.labels[0].CopyFrom(_message(3).labels[0])
    swapped = _message()
    swapped.labels[0].commitments[:] = _message().labels[1].commitments
    swapped.labels[0].possession = _message().labels[1].possession
    for message in (stolen, swapped):
        with pytest.raises(Blame) as blamed:
            _check(message.SerializeToString())
        assert blamed.value.reason == "possession"


def test_a_key_chosen_to_cancel_the_others_cannot_be_dealt() -> None:
    """The rogue dealer wants its A_0 minus dealer 1's; it knows no logarithm of that."""
    message = _message()
    rogue = group.subtract(message.labels[0].commitments[0], _message(1).labels[0].commitments[0])
    message.labels[0].commitments[0] = rogue
    with pytest.raises(Blame) as blamed:
        _check(message.SerializeToString())
    assert blamed.value.reason == "possession"


def test_a_wrong_share_is_blamed_on_its_dealer_by_the_one_who_received_it() -> None:
    good = DEALINGS[2].shares_for(4)
    ceremony.check_shares(DEALTS[2], 4, good)
    first = group.encode_scalar(group.decode_scalar(good[:32]) + 1)
    for bad in (
        first + good[32:],
        DEALINGS[2].shares_for(5),
        b"\xff" * 64,
        bytes(64),
        good[:32],
        good + good,
    ):
        with pytest.raises(Blame) as blamed:
            ceremony.check_shares(DEALTS[2], 4, bad)
        assert (blamed.value.holder, blamed.value.reason) == (2, "share")
        parts = {i: d.shares_for(4) for i, d in DEALINGS.items()} | {2: bad}
        with pytest.raises(Blame):
            ceremony.finish(DEALTS, parts, 4)


def test_finishing_needs_every_dealer_the_own_one_included() -> None:
    parts = {i: d.shares_for(1) for i, d in DEALINGS.items()}
    fewer = {i: parts[i] for i in (1, 2)}
    mixed = DEALTS | {2: DEALTS[3]}
    for dealts, shares, index in (
        (DEALTS, fewer, 1),
        ({i: DEALTS[i] for i in fewer}, fewer, 1),
        (DEALTS, parts, 6),
        (mixed, parts, 1),
    ):
        with pytest.raises(Malformed):
            ceremony.finish(dealts, shares, index)


def test_dealers_of_another_threshold_do_not_mix() -> None:
    other = ceremony.deal(RUN, 2, KINDS, 2, CHANCE)
    dealt = ceremony.check_public(other.public, other.commitment, RUN, 2, KINDS, 2)
    parts = {i: d.shares_for(1) for i, d in (DEALINGS | {2: other}).items()}
    with pytest.raises(Malformed):
        ceremony.finish(DEALTS | {2: dealt}, parts, 1)


def test_transcripts_agree_whatever_the_order_and_differ_for_any_other_byte() -> None:
    publics = {i: d.public for i, d in DEALINGS.items()}
    seen = ceremony.transcript(publics)
    assert len(seen) == 32
    assert seen == ceremony.transcript(dict(reversed(publics.items())))
    assert seen != ceremony.transcript(publics | {5: publics[5] + b"\0"})
    assert seen != ceremony.transcript({i: publics[i] for i in (1, 2, 3, 4)})


def test_what_cannot_be_dealt_is_refused() -> None:
    for dealer, kinds, needed in (
        (0, KINDS, 3),
        (256, KINDS, 3),
        (1, [], 3),
        (1, ["a", "a"], 3),
        (1, KINDS, 0),
    ):
        with pytest.raises(Malformed):
            ceremony.deal(RUN, dealer, kinds, needed, CHANCE)
    with pytest.raises(Malformed):
        DEALINGS[1].shares_for(0)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 2**32))
def test_keys_work_for_any_threshold_and_number_of_holders(needed: int, more: int, seed: int) -> None:
    rand = random.Random(seed)
    holders = sorted(rand.sample(range(1, 256), needed + more))
    dealings = {i: ceremony.deal(RUN, i, KINDS, needed, rand.randbytes) for i in holders}
    dealts = {
        i: ceremony.check_public(d.public, d.commitment, RUN, i, KINDS, needed) for i, d in dealings.items()
    }
    ends = {i: ceremony.finish(dealts, {j: d.shares_for(i) for j, d in dealings.items()}, i) for i in holders}
    subset = tuple(sorted(rand.sample(holders, needed)))
    key = sum(threshold.lagrange(i, subset) * ends[i][0]["email"].scalar for i in subset) % group.ORDER
    assert group.multiply_base(key) == ends[holders[0]][1]["email"].public_key


def test_the_ceremony_of_the_vectors_can_be_followed_from_its_messages() -> None:
    run, kinds, needed = bytes.fromhex(VECTOR["ceremony"]), VECTOR["kinds"], VECTOR["threshold"]
    dealers = {int(i): dealer for i, dealer in VECTOR["dealers"].items()}
    publics = {i: bytes.fromhex(dealer["public"]) for i, dealer in dealers.items()}
    assert ceremony.transcript(publics).hex() == VECTOR["transcript"]
    dealts = {
        i: ceremony.check_public(publics[i], bytes.fromhex(dealers[i]["commitment"]), run, i, kinds, needed)
        for i in dealers
    }
    for index in dealers:
        received = {i: bytes.fromhex(dealer["shares"][str(index)]) for i, dealer in dealers.items()}
        shares, commitments = ceremony.finish(dealts, received, index)
        found = {kind: group.encode_scalar(share.scalar).hex() for kind, share in shares.items()}
        assert found == VECTOR["shares"][str(index)]
        points = {kind: [point.hex() for point in c.points] for kind, c in commitments.items()}
        assert points == VECTOR["commitments"]


def test_a_dealer_of_the_vectors_deals_again_from_its_coefficients_nonces_and_salt() -> None:
    for index, dealer in VECTOR["dealers"].items():
        scalars = [scalar for row in dealer["coefficients"] for scalar in row] + dealer["nonces"]
        wide = b"".join(bytes.fromhex(scalar) + bytes(32) for scalar in scalars)
        stream = iter(wide + bytes.fromhex(dealer["salt"]))
        dealing = ceremony.deal(
            bytes.fromhex(VECTOR["ceremony"]),
            int(index),
            VECTOR["kinds"],
            VECTOR["threshold"],
            lambda size, stream=stream: bytes(itertools.islice(stream, size)),  # type: ignore[misc]
        )
        assert dealing.public.hex() == dealer["public"]
        assert dealing.commitment.hex() == dealer["commitment"]
