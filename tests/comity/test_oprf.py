"""RFC 9497, modes OPRF and VOPRF, by its own vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import group, oprf
from comity.errors import Malformed
from comity.oprf import Mode

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "oprf_ristretto255.json").read_text())
BATCHES = [(suite, batch) for suite in VECTORS["suites"] for batch in suite["batches"]]
SCALARS = st.integers(min_value=1, max_value=group.ORDER - 1)
KEY, PUBLIC = oprf.derive_key_pair(bytes(32), b"test", Mode.VOPRF)


def _key(suite: dict[str, Any]) -> int:
    return group.decode_scalar(bytes.fromhex(suite["secret_key"]))


def _column(batch: dict[str, Any], name: str) -> list[bytes]:
    return [bytes.fromhex(item[name]) for item in batch["items"]]


@pytest.mark.parametrize("suite", VECTORS["suites"], ids=lambda s: s["mode"])
def test_keys_derive_as_in_the_rfc(suite: dict[str, Any]) -> None:
    seed, info, mode = bytes.fromhex(suite["seed"]), bytes.fromhex(suite["key_info"]), Mode[suite["mode"]]
    key, public_key = oprf.derive_key_pair(seed, info, mode)
    assert group.encode_scalar(key).hex() == suite["secret_key"]
    assert suite["public_key"] in (None, public_key.hex())
    assert b"HashToGroup-" + mode.context == bytes.fromhex(suite["group_dst"])


@pytest.mark.parametrize(("suite", "batch"), BATCHES)
def test_blinding_evaluation_and_output_are_those_of_the_rfc(
    suite: dict[str, Any], batch: dict[str, Any]
) -> None:
    mode, key = Mode[suite["mode"]], _key(suite)
    inputs, blinds = _column(batch, "input"), list(map(group.decode_scalar, _column(batch, "blind")))
    blinded = [oprf.blind(message, blind, mode) for message, blind in zip(inputs, blinds, strict=True)]
    assert blinded == _column(batch, "blinded")
    evaluated = [oprf.blind_evaluate(key, element) for element in blinded]
    assert evaluated == _column(batch, "evaluated")
    assert list(map(oprf.finalize, inputs, blinds, evaluated)) == _column(batch, "output")
    assert [oprf.evaluate(key, message, mode) for message in inputs] == _column(batch, "output")


@pytest.mark.parametrize("batch", VECTORS["suites"][1]["batches"])
def test_proofs_are_those_of_the_rfc_byte_for_byte(batch: dict[str, Any]) -> None:
    suite = VECTORS["suites"][1]
    public_key, nonce = bytes.fromhex(suite["public_key"]), group.decode_scalar(bytes.fromhex(batch["nonce"]))
    inputs, outputs = b"".join(_column(batch, "blinded")), b"".join(_column(batch, "evaluated"))
    proof = oprf.generate_proof(_key(suite), public_key, inputs, outputs, nonce)
    assert proof.hex() == batch["proof"]
    assert oprf.verify_proof(public_key, inputs, outputs, proof)


def _proven(count: int = 3) -> tuple[bytes, bytes, bytes]:
    inputs = oprf.hash_inputs([b"%d" % number for number in range(count)], Mode.VOPRF)
    outputs = oprf.blind_evaluate(KEY, inputs)
    return inputs, outputs, oprf.generate_proof(KEY, PUBLIC, inputs, outputs, 12345)


def test_a_proof_does_not_cover_another_key_input_output_order_or_mode() -> None:
    inputs, outputs, proof = _proven()
    assert oprf.verify_proof(PUBLIC, inputs, outputs, proof)
    assert not oprf.verify_proof(group.multiply_base(7), inputs, outputs, proof)
    assert not oprf.verify_proof(PUBLIC, outputs, inputs, proof)
    assert not oprf.verify_proof(PUBLIC, inputs[32:] + inputs[:32], outputs[32:] + outputs[:32], proof)
    assert not oprf.verify_proof(PUBLIC, inputs, outputs[32:64] + outputs[:32] + outputs[64:], proof)
    assert not oprf.verify_proof(PUBLIC, inputs[:64], outputs[:64], proof)
    assert not oprf.verify_proof(PUBLIC, inputs, outputs, proof, Mode.OPRF)


def test_a_proof_whose_scalar_is_not_canonical_is_refused() -> None:
    inputs, outputs, proof = _proven()
    for bad in (b"\xff" * 32 + proof[32:], proof[:32] + b"\xff" * 32, proof[:63], proof + b"\0", b""):
        with pytest.raises(Malformed):
            oprf.verify_proof(PUBLIC, inputs, outputs, bad)
    challenge = int.from_bytes(proof[:32], "little") + group.ORDER
    with pytest.raises(Malformed):
        oprf.verify_proof(PUBLIC, inputs, outputs, challenge.to_bytes(32, "little") + proof[32:])


def test_a_proof_over_as_many_outputs_as_inputs_is_required() -> None:
    inputs, outputs, proof = _proven()
    with pytest.raises(Malformed):
        oprf.verify_proof(PUBLIC, inputs, outputs[:32], proof)


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=0, max_value=64 * 8 - 1))
def test_no_bit_of_a_proof_may_be_flipped(bit: int) -> None:
    inputs, outputs, proof = _proven(2)
    flipped = bytearray(proof)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not _stands(inputs, outputs, bytes(flipped))


def _stands(inputs: bytes, outputs: bytes, proof: bytes) -> bool:
    try:
        return oprf.verify_proof(PUBLIC, inputs, outputs, proof)
    except Malformed:
        return False


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=80), SCALARS, SCALARS, st.sampled_from(Mode))
def test_finalise_of_evaluate_of_blind_is_the_direct_output(
    message: bytes, blind: int, key: int, mode: Mode
) -> None:
    evaluated = oprf.blind_evaluate(key, oprf.blind(message, blind, mode))
    assert oprf.finalize(message, blind, evaluated) == oprf.evaluate(key, message, mode)


def test_an_input_longer_than_65_535_bytes_and_a_seed_of_another_length_are_refused() -> None:
    with pytest.raises(Malformed):
        oprf.blind(bytes(65536), 2, Mode.VOPRF)
    with pytest.raises(Malformed):
        oprf.derive_key_pair(bytes(31), b"", Mode.VOPRF)


def test_both_modes_give_different_outputs() -> None:
    assert oprf.evaluate(KEY, b"x", Mode.OPRF) != oprf.evaluate(KEY, b"x", Mode.VOPRF)
