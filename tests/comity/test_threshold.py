"""A shared key gives the single key's outputs, and whoever answers with anything else is named."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import group, oprf, pseudonym, threshold
from comity.errors import Conflict, Corrupt, Malformed
from comity.threshold import Batch, Commitments, Opening, Share, Weights, WrongShare
from scripts import make_threshold_vectors

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "threshold.json").read_text())
CHANCE = random.Random(11).randbytes
INPUTS = [b"input %d" % number for number in range(4)]
SUBSET = (1, 3, 4)
CASES = [bytes([number]) * 16 for number in range(4)]
Answer = Callable[[int, bytes], bytes]


@dataclass(frozen=True)
class Federation:
    """One key in the open, for comparison, and its shares over n holders."""

    key: int
    shares: dict[int, Share]
    commitments: Commitments

    def answer(self, holder: int, subset: tuple[int, ...], elements: bytes) -> bytes:
        return threshold.evaluate(self.shares[holder], subset, elements)

    def proof(self, holder: int, subset: tuple[int, ...], elements: bytes, evaluated: bytes) -> bytes:
        return threshold.prove(self.shares[holder], subset, elements, evaluated, self.commitments, CHANCE)


def _federation(needed: int = 3, holders: int = 5) -> Federation:
    polynomial = group.random_scalars(CHANCE, needed)
    shares = {
        x: Share(x, sum(a * x**power for power, a in enumerate(polynomial)) % group.ORDER)
        for x in range(1, holders + 1)
    }
    return Federation(polynomial[0], shares, Commitments(tuple(map(group.multiply_base, polynomial))))


FED = _federation()
MODES = ["dleq", Weights.BLINDS, Weights.RANDOM]


def _batch(
    weights: object, own: int | None = 1, subset: tuple[int, ...] = SUBSET, inputs: Sequence[bytes] = INPUTS
) -> Batch:
    share = FED.shares[own] if own else None
    chosen = weights if isinstance(weights, Weights) else Weights.BLINDS
    return Batch(inputs, subset, FED.commitments, CHANCE, share, chosen)


def _run(batch: Batch, mode: object, subset: tuple[int, ...] = SUBSET, forge: Answer | None = None) -> None:
    """Answer a batch; `forge` replaces an answer after its proof, if any, was made for the true one."""
    for holder in batch.others:
        true = FED.answer(holder, subset, batch.elements)
        proof = FED.proof(holder, subset, batch.elements, true) if mode == "dleq" else b""
        batch.accept(holder, forge(holder, true) if forge else true, proof)
    if mode != "dleq":
        _audit(batch, subset)


def _finished(batch: Batch, mode: object, forge: Answer) -> list[bytes]:
    """The outputs of a batch in which `forge` answers."""
    _run(batch, mode, forge=forge)
    return batch.outputs()


def _audit(batch: Batch, subset: tuple[int, ...] = SUBSET) -> None:
    element = batch.audit_element()
    for holder in batch.others:
        evaluated = FED.answer(holder, subset, element)
        batch.accept_audit(holder, evaluated, FED.proof(holder, subset, element, evaluated))


def _direct(inputs: Sequence[bytes] = INPUTS) -> list[bytes]:
    return [oprf.evaluate(FED.key, message, oprf.Mode.VOPRF) for message in inputs]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("subset", itertools.combinations(range(1, 6), 3))
def test_every_subset_gives_the_single_key_s_output(subset: tuple[int, ...], mode: object) -> None:
    for own in (None, subset[0], subset[2]):
        batch = _batch(mode, own, subset)
        _run(batch, mode, subset)
        assert batch.outputs() == _direct()


@pytest.mark.parametrize("needed", [1, 2, 5])
def test_other_thresholds_work_too(needed: int) -> None:
    fed = _federation(needed, 5)
    subset = tuple(range(6 - needed, 6))
    batch = Batch(INPUTS, subset, fed.commitments, CHANCE, fed.shares[5])
    for holder in batch.others:
        batch.accept(holder, fed.answer(holder, subset, batch.elements))
    element = batch.audit_element()
    for holder in batch.others:
        evaluated = fed.answer(holder, subset, element)
        batch.accept_audit(holder, evaluated, fed.proof(holder, subset, element, evaluated))
    assert batch.outputs() == [oprf.evaluate(fed.key, message, oprf.Mode.VOPRF) for message in INPUTS]


def test_fewer_than_t_shares_do_not_give_the_key() -> None:
    for subset in itertools.chain(
        itertools.combinations(FED.shares, 1), itertools.combinations(FED.shares, 2)
    ):
        guess = sum(threshold.lagrange(i, subset) * FED.shares[i].scalar for i in subset) % group.ORDER
        assert group.multiply_base(guess) != FED.commitments.public_key
    for subset in itertools.combinations(FED.shares, 3):
        whole = sum(threshold.lagrange(i, subset) * FED.shares[i].scalar for i in subset) % group.ORDER
        assert group.multiply_base(whole) == FED.commitments.public_key


def test_public_shares_follow_from_the_commitments() -> None:
    for index, share in FED.shares.items():
        assert FED.commitments.public_share(index) == group.multiply_base(share.scalar)
        if index in SUBSET:
            weighted = threshold.lagrange(index, SUBSET) * share.scalar
            assert FED.commitments.weighted_share(index, SUBSET) == group.multiply_base(weighted)


def _add_generator(_: int, true: bytes) -> bytes:
    return group.add(true[:32], group.multiply_base(1)) + true[32:]


def _swap(_: int, true: bytes) -> bytes:
    return true[32:64] + true[:32] + true[64:]


def _other_share(_: int, true: bytes) -> bytes:
    return group.multiply_each(2, true)


def _flip(_: int, true: bytes) -> bytes:
    return bytes((true[0] ^ 2,)) + true[1:]


def _identity(_: int, true: bytes) -> bytes:
    return group.IDENTITY + true[32:]


def _not_canonical(_: int, true: bytes) -> bytes:
    return b"\xff" * 32 + true[32:]


def _short(_: int, true: bytes) -> bytes:
    return true[:-32]


FORGERIES = [_add_generator, _swap, _other_share, _flip, _identity, _not_canonical, _short]


@pytest.mark.parametrize("own", [None, 1])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_false_answer_is_refused_and_its_holder_named(forgery: Answer, mode: object, own: int) -> None:
    batch = _batch(mode, own)

    def forge(holder: int, true: bytes) -> bytes:
        return forgery(holder, true) if holder == 3 else true

    with pytest.raises(WrongShare) as refused:
        _finished(batch, mode, forge)
    assert refused.value.holders == (3,)
    assert refused.value.holder == 3
    with pytest.raises((Conflict, WrongShare)):
        batch.outputs()


@pytest.mark.parametrize("weights", Weights)
def test_two_liars_are_both_named_and_the_honest_holder_is_not(weights: Weights) -> None:
    batch = _batch(weights, None)
    _run(batch, weights, forge=lambda holder, true: true if holder == 3 else _add_generator(holder, true))
    with pytest.raises(WrongShare) as refused:
        batch.outputs()
    assert refused.value.holders == (1, 4)


@pytest.mark.parametrize("weights", Weights)
def test_errors_that_cancel_in_a_plain_sum_do_not_cancel_under_the_weights(weights: Weights) -> None:
    generator = group.multiply_base(1)

    def cancelling(holder: int, true: bytes) -> bytes:
        if holder != 4:
            return true
        return group.add(true[:32], generator) + group.subtract(true[32:64], generator) + true[64:]

    batch = _batch(weights)
    _run(batch, weights, forge=cancelling)
    with pytest.raises(WrongShare) as refused:
        batch.outputs()
    assert refused.value.holders == (4,)


@pytest.mark.parametrize("weights", Weights)
def test_errors_that_follow_the_blinded_elements_are_found(weights: Weights) -> None:
    def following(holder: int, true: bytes) -> bytes:
        if holder != 4:
            return true
        elements = batch.elements
        return group.add(true[:32], elements[:32]) + group.subtract(true[32:64], elements[32:64]) + true[64:]

    batch = _batch(weights)
    _run(batch, weights, forge=following)
    with pytest.raises(WrongShare) as refused:
        batch.outputs()
    assert refused.value.holders == (4,)


@pytest.mark.parametrize("weights", Weights)
def test_an_answer_that_makes_the_sum_vanish_is_named(weights: Weights) -> None:
    batch = _batch(weights)
    mine = FED.answer(1, SUBSET, batch.elements)
    batch.accept(3, FED.answer(3, SUBSET, batch.elements))
    rest = group.add_each(mine, FED.answer(3, SUBSET, batch.elements))
    opposite = b"".join(group.subtract(group.IDENTITY, rest[at : at + 32]) for at in range(0, len(rest), 32))
    batch.accept(4, opposite)
    _audit(batch)
    with pytest.raises(WrongShare) as refused:
        batch.outputs()
    assert refused.value.holders == (4,)


def test_why_equal_inputs_are_refused() -> None:
    """With two equal inputs, errors +C_1 and −C_2 vanish under the blinds' inverses."""
    point = oprf.hash_input(b"same", oprf.Mode.VOPRF)
    blinds = group.random_scalars(CHANCE, 2)
    errors = group.multiply_each([blinds[0], group.ORDER - blinds[1]], point * 2)
    assert group.sum_elements(group.multiply_each(group.inverse_many(blinds), errors)) == group.IDENTITY
    with pytest.raises(Malformed):
        _batch(Weights.BLINDS, inputs=[b"same", b"other", b"same"])


@pytest.mark.parametrize("count", [0, 1001])
def test_a_batch_has_one_to_a_thousand_inputs(count: int) -> None:
    with pytest.raises(Malformed):
        _batch(Weights.BLINDS, inputs=[b"%d" % number for number in range(count)])
    with pytest.raises(Malformed):
        threshold.evaluate(FED.shares[1], SUBSET, group.multiply_base(1) * count)


@pytest.mark.parametrize("subset", [(1, 3), (1, 2, 3, 4), (3, 1, 4), (1, 1, 4), (0, 1, 2), (1, 2, 256), ()])
def test_a_subset_is_ascending_and_has_exactly_t_holders(subset: tuple[int, ...]) -> None:
    with pytest.raises(Malformed):
        _batch(Weights.BLINDS, None, subset)


def test_an_own_share_that_was_not_committed_to_is_found_before_anything_is_sent() -> None:
    wrong = replace(FED.shares[1], scalar=FED.shares[1].scalar + 1)
    with pytest.raises(Corrupt):
        Batch(INPUTS, SUBSET, FED.commitments, CHANCE, wrong)
    with pytest.raises(Malformed):
        Batch(INPUTS, SUBSET, FED.commitments, CHANCE, FED.shares[2])


@pytest.mark.parametrize("weights", Weights)
def test_no_output_before_every_answer_is_verified(weights: Weights) -> None:
    batch = _batch(weights)
    for holder in batch.others:
        with pytest.raises(Conflict):
            batch.audit_element()
        with pytest.raises(Conflict):
            batch.accept_audit(holder, batch.elements[:32], bytes(64))
        with pytest.raises(Conflict):
            batch.unblinded()
        batch.accept(holder, FED.answer(holder, SUBSET, batch.elements))
    with pytest.raises(Conflict):
        batch.outputs()
    _audit(batch)
    assert batch.outputs() == _direct()


def test_an_answer_without_a_proof_still_needs_the_audit_when_another_came_with_one() -> None:
    batch = _batch(Weights.BLINDS)
    true = FED.answer(3, SUBSET, batch.elements)
    batch.accept(3, true, FED.proof(3, SUBSET, batch.elements, true))
    batch.accept(4, _swap(4, FED.answer(4, SUBSET, batch.elements)))
    with pytest.raises(Conflict):
        batch.outputs()
    _audit(batch)
    with pytest.raises(WrongShare) as refused:
        batch.outputs()
    assert refused.value.holders == (4,)


def test_nobody_answers_twice_or_unasked() -> None:
    batch = _batch(Weights.BLINDS)
    true = FED.answer(3, SUBSET, batch.elements)
    batch.accept(3, true)
    with pytest.raises(Conflict):
        batch.accept(3, true)
    for stranger in (1, 2):
        with pytest.raises(Malformed):
            batch.accept(stranger, true)
    batch.accept(4, FED.answer(4, SUBSET, batch.elements))
    _audit(batch)
    with pytest.raises(Conflict):
        batch.accept_audit(3, true[:32], bytes(64))


def test_a_refused_proof_leaves_the_holder_free_to_answer_again() -> None:
    batch = _batch("dleq")
    true = FED.answer(3, SUBSET, batch.elements)
    with pytest.raises(WrongShare):
        batch.accept(3, true, bytes(64))
    batch.accept(3, true, FED.proof(3, SUBSET, batch.elements, true))
    true = FED.answer(4, SUBSET, batch.elements)
    batch.accept(4, true, FED.proof(4, SUBSET, batch.elements, true))
    assert batch.outputs() == _direct()


@pytest.mark.parametrize("proof", [bytes(64), b"\xff" * 64, b"", bytes(63)])
def test_a_false_proof_of_the_audit_answer_is_refused_and_named(proof: bytes) -> None:
    batch = _batch(Weights.BLINDS)
    for holder in batch.others:
        batch.accept(holder, FED.answer(holder, SUBSET, batch.elements))
    evaluated = FED.answer(4, SUBSET, batch.audit_element())
    with pytest.raises(WrongShare) as refused:
        batch.accept_audit(4, evaluated, proof)
    assert refused.value.holder == 4


def test_a_proof_made_for_another_subset_or_holder_is_refused() -> None:
    elements = oprf.hash_inputs(INPUTS, oprf.Mode.VOPRF)
    evaluated = FED.answer(3, SUBSET, elements)
    proof = FED.proof(3, SUBSET, elements, evaluated)
    threshold.verify(3, SUBSET, elements, evaluated, proof, FED.commitments)
    for index, subset in ((3, (1, 2, 3)), (4, SUBSET)):
        with pytest.raises(WrongShare):
            threshold.verify(index, subset, elements, evaluated, proof, FED.commitments)


def test_an_invalid_question_is_not_blamed_on_the_holder() -> None:
    with pytest.raises(Malformed):
        threshold.verify(3, SUBSET, b"\xff" * 32, group.multiply_base(1), bytes(64), FED.commitments)
    with pytest.raises(Malformed):
        threshold.evaluate(FED.shares[3], SUBSET, group.IDENTITY)


def test_commitments_must_be_valid_points() -> None:
    for points in ((), (group.IDENTITY,), (b"\xff" * 32,), (FED.commitments.public_key[:31],)):
        with pytest.raises(Malformed):
            Commitments(points)


def test_a_share_s_scalar_and_an_opened_secret_do_not_show_in_text() -> None:
    share = FED.shares[1]
    opening = _batch(Weights.BLINDS).opening(0, CASES)
    assert str(share.scalar) not in repr(share)
    assert str(opening.blind) not in repr(opening)
    assert INPUTS[0].decode() not in repr(opening)


@pytest.mark.parametrize("size", range(1, 10))
def test_every_item_of_a_committed_batch_opens_to_what_was_asked(size: int) -> None:
    cases = [bytes([number]) * 16 for number in range(size)]
    batch = _batch(Weights.BLINDS, inputs=[b"%d" % number for number in range(size)])
    root = batch.opening_root(cases)
    for index in range(size):
        threshold.check_opening(root, batch.elements, batch.opening(index, cases))


def test_an_opening_with_another_input_case_blind_place_or_path_is_refused() -> None:
    batch = _batch(Weights.BLINDS)
    root, opening = batch.opening_root(CASES), batch.opening(1, CASES)
    for other in (
        replace(opening, message=b"another"),
        replace(opening, case=bytes(16)),
        replace(opening, blind=opening.blind + 1),
        replace(opening, index=2),
        replace(opening, path=opening.path[:-1]),
        replace(opening, path=(*opening.path, bytes(32))),
    ):
        with pytest.raises(Corrupt):
            threshold.check_opening(root, batch.elements, other)
    for other in (replace(opening, index=4), replace(opening, index=-1), replace(opening, blind=0)):
        with pytest.raises(Malformed):
            threshold.check_opening(root, batch.elements, other)


def test_an_asker_that_committed_to_something_else_than_it_asked_is_found_out() -> None:
    batch, other = _batch(Weights.BLINDS), _batch(Weights.BLINDS)
    root, opening = batch.opening_root(CASES), batch.opening(1, CASES)
    with pytest.raises(Corrupt) as refused:
        threshold.check_opening(root, other.elements, opening)
    assert refused.value.field == "element"
    with pytest.raises(Malformed):
        batch.opening_root(CASES[:3])


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.binary(max_size=40), min_size=1, max_size=5, unique=True),
    st.permutations([2, 3, 5]),
    st.sampled_from(Weights),
    st.sampled_from([None, 2, 5]),
)
def test_the_order_of_answers_does_not_matter(
    inputs: list[bytes], order: list[int], weights: Weights, own: int | None
) -> None:
    subset = (2, 3, 5)
    batch = _batch(weights, own, subset, inputs)
    asked = [holder for holder in order if holder != own]
    for holder in asked:
        batch.accept(holder, FED.answer(holder, subset, batch.elements))
    element = batch.audit_element()
    for holder in reversed(asked):
        evaluated = FED.answer(holder, subset, element)
        batch.accept_audit(holder, evaluated, FED.proof(holder, subset, element, evaluated))
    assert batch.outputs() == _direct(inputs)


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=0, max_value=4 * 256 - 1), st.sampled_from(MODES), st.sampled_from([3, 4]))
def test_no_bit_of_an_answer_may_be_flipped(bit: int, mode: object, liar: int) -> None:
    def flip(holder: int, true: bytes) -> bytes:
        mask = (1 << bit).to_bytes(len(true), "little") if holder == liar else bytes(len(true))
        return bytes(a ^ b for a, b in zip(true, mask, strict=True))

    batch = _batch(mode)
    with pytest.raises(WrongShare) as refused:
        _finished(batch, mode, flip)
    assert refused.value.holders == (liar,)


def _h(value: str) -> bytes:
    return bytes.fromhex(value)


def _scalar(value: str) -> int:
    return group.decode_scalar(bytes.fromhex(value))


def test_the_vectors_are_what_the_generator_writes() -> None:
    assert make_threshold_vectors.build() == VECTORS


def test_the_answers_and_proofs_of_the_vectors_follow_from_shares_and_nonces() -> None:
    key, batch, subset = VECTORS["key"], VECTORS["batch"], tuple(VECTORS["batch"]["subset"])
    commitments = Commitments(tuple(map(_h, key["commitments"])))
    questions = [(batch["blinded"], batch["answers"])]
    questions += [
        (batch[name]["element"], batch[name]["answers"]) for name in ("audit_blinds", "audit_random")
    ]
    for elements, answers in questions:
        for holder, answer in answers.items():
            weighted = _scalar(batch["lagrange"][holder]) * _scalar(key["shares"][holder]) % group.ORDER
            assert group.multiply_base(weighted).hex() == batch["weighted_shares"][holder]
            assert group.multiply_each(weighted, _h(elements)).hex() == answer["evaluated"]
            asked, told, nonce = _h(elements), _h(answer["evaluated"]), _scalar(answer["nonce"])
            public_key = _h(batch["weighted_shares"][holder])
            assert oprf.generate_proof(weighted, public_key, asked, told, nonce).hex() == answer["proof"]
            threshold.verify(int(holder), subset, asked, told, _h(answer["proof"]), commitments)


def test_the_outputs_of_the_vectors_follow_from_blinds_and_answers() -> None:
    batch, teams = VECTORS["batch"], make_threshold_vectors.TEAMS
    for at, fields in enumerate(batch["fields"]):
        message, blind = pseudonym.encode_input(*fields), _scalar(batch["blinds"][at])
        assert message.hex() == batch["inputs"][at]
        here = slice(64 * at, 64 * at + 64)
        assert oprf.blind(message, blind, oprf.Mode.VOPRF).hex() == batch["blinded"][here]
        parts = [_h(answer["evaluated"][here]) for answer in batch["answers"].values()]
        unblinded = group.multiply(group.inverse(blind), group.sum_elements(b"".join(parts)))
        output = oprf.finalize_unblinded(message, unblinded)
        assert (unblinded.hex(), output.hex()) == (batch["unblinded"][at], batch["outputs"][at])
        hit, expected = pseudonym.hit_id(output, *teams), batch["pseudonyms"][at]
        assert expected == {
            "token_nl": pseudonym.token(output, "nl").hex(),
            "token_it": pseudonym.token(output, "it").hex(),
            "hit_nl_it": hit.hex(),
            "notice_key": pseudonym.notice_key(output).hex(),
            "notice_nl_to_it": pseudonym.notice_proof(output, "nl", "it", hit).hex(),
        }


def test_the_audit_elements_of_the_vectors_follow_from_factor_and_weights() -> None:
    batch = VECTORS["batch"]
    points = oprf.hash_inputs(list(map(_h, batch["inputs"])), oprf.Mode.VOPRF)
    by_blinds = group.multiply(_scalar(batch["audit_blinds"]["factor"]), group.sum_elements(points))
    assert by_blinds.hex() == batch["audit_blinds"]["element"]
    weighted = group.multiply_each(batch["audit_random"]["weights"], _h(batch["blinded"]))
    assert group.sum_elements(weighted).hex() == batch["audit_random"]["element"]


def test_the_openings_of_the_vectors_stand() -> None:
    batch = VECTORS["batch"]
    given = batch["opening"]
    for at, path in enumerate(given["paths"]):
        blind, case = _scalar(batch["blinds"][at]), _h(given["cases"][at])
        opening = Opening(at, _h(batch["inputs"][at]), blind, case, tuple(map(_h, path)))
        threshold.check_opening(_h(given["root"]), _h(batch["blinded"]), opening)


@pytest.mark.parametrize("document", ["pseudonyms", "ceremony"])
def test_every_figure_in_the_protocol_documents_is_one_of_the_vectors(document: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "protocol" / f"{document}.md").read_text()
    figures = re.findall(r"^    ([0-9a-f]{32,})$", text, re.MULTILINE)
    known = json.dumps(VECTORS)
    assert len(figures) >= 4
    assert [figure for figure in figures if figure not in known] == []
