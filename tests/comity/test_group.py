"""The group refuses what RFC 9496 refuses, and computes what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import group
from comity.errors import Malformed

SCALARS = st.integers(min_value=1, max_value=group.ORDER - 1)
BASE = group.multiply_base(1)

# RFC 9496 appendix A.1 (multiples of the generator 1 and 2) and A.2 (invalid encodings, one of each class).
GENERATOR = bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
TWICE = bytes.fromhex("6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919")
TOP_BIT = GENERATOR[:31] + bytes((GENERATOR[31] | 0x80,))  # libsodium 1.0.18 reads it as the generator
INVALID = [
    TOP_BIT.hex(),
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def test_the_multiples_of_the_generator_are_those_of_rfc_9496() -> None:
    assert group.multiply_base(1) == GENERATOR
    assert group.multiply_base(2) == TWICE == group.add(GENERATOR, GENERATOR)


@pytest.mark.parametrize("encoded", INVALID)
def test_a_point_that_is_not_canonical_is_refused_by_every_operation(encoded: str) -> None:
    bad = bytes.fromhex(encoded)
    assert not group.is_valid(bad)
    for operation in (
        lambda: group.multiply(2, bad),
        lambda: group.multiply_each([2, 3], BASE + bad),
        lambda: group.multiply_each(2, bad + BASE),
        lambda: group.add(BASE, bad),
        lambda: group.subtract(bad, BASE),
        lambda: group.add(bad, BASE),
        lambda: group.add_each(BASE + BASE, BASE + bad),
        lambda: group.add_each(bad + BASE, BASE + BASE),
        lambda: group.sum_elements(BASE + bad),
        lambda: group.require_each(BASE + bad),
    ):
        with pytest.raises(Malformed):
            operation()


def test_the_identity_is_not_valid_on_the_wire_but_may_result_from_a_sum() -> None:
    assert not group.is_valid(group.IDENTITY)
    assert group.subtract(BASE, BASE) == group.IDENTITY
    assert group.add(BASE, group.IDENTITY) == BASE
    with pytest.raises(Malformed):
        group.multiply(2, group.IDENTITY)
    with pytest.raises(Malformed):
        group.require_each(BASE + group.IDENTITY)


def test_multiplying_by_zero_is_refused() -> None:
    for operation in (
        lambda: group.multiply(0, BASE),
        lambda: group.multiply(group.ORDER, BASE),
        lambda: group.multiply_base(0),
        lambda: group.inverse(0),
        lambda: group.inverse_many([3, 0]),
    ):
        with pytest.raises(Malformed):
            operation()


def test_a_scalar_that_is_not_canonical_is_refused() -> None:
    assert group.decode_scalar(group.encode_scalar(group.ORDER - 1)) == group.ORDER - 1
    for encoded in (group.ORDER.to_bytes(32, "little"), b"\xff" * 32, bytes(31), bytes(33)):
        with pytest.raises(Malformed):
            group.decode_scalar(encoded)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_elements_of_a_broken_length_are_refused(size: int) -> None:
    for operation in (group.sum_elements, group.require_each, lambda data: group.multiply_each(2, data)):
        with pytest.raises(Malformed):
            operation(bytes(size))
    with pytest.raises(Malformed):
        group.multiply(2, BASE + BASE)


def test_one_scalar_for_each_element_is_required() -> None:
    with pytest.raises(Malformed):
        group.multiply_each([1, 2], BASE)
    with pytest.raises(Malformed):
        group.add_each(BASE, BASE + BASE)


def test_random_scalars_are_reduced_and_never_zero() -> None:
    drawn = iter([bytes(64) + (5).to_bytes(64, "little"), (group.ORDER + 3).to_bytes(64, "little")])
    assert group.random_scalars(lambda _: next(drawn), 2) == [3, 5]


def test_a_domain_separation_tag_longer_than_255_bytes_is_refused() -> None:
    with pytest.raises(Malformed):
        group.hash_to_group(b"", bytes(256))


def test_the_caller_s_bytes_are_never_written_to() -> None:
    elements = group.multiply_each([2, 3], BASE + BASE)
    copy = bytes(bytearray(elements))
    group.add_each(elements, elements)
    group.sum_elements(elements)
    group.multiply_each(9, elements)
    assert elements == copy
    assert bytes(32) == group.IDENTITY


@settings(max_examples=25, deadline=None)
@given(SCALARS, SCALARS)
def test_multiplication_distributes_over_addition(a: int, b: int) -> None:
    total = (a + b) % group.ORDER
    together = group.add(group.multiply_base(a), group.multiply_base(b))
    assert together == (group.multiply_base(total) if total else group.IDENTITY)
    assert group.multiply(a, group.multiply_base(b)) == group.multiply_base(a * b % group.ORDER)


@settings(max_examples=25, deadline=None)
@given(st.lists(SCALARS, min_size=1, max_size=6))
def test_the_batched_operations_equal_the_single_ones(scalars: list[int]) -> None:
    elements = group.hash_each_to_group([b"%d" % s for s in range(len(scalars))], b"test")
    parts = [elements[at : at + 32] for at in range(0, len(elements), 32)]
    assert parts == [group.hash_to_group(b"%d" % s, b"test") for s in range(len(scalars))]
    products = [group.multiply(s, part) for s, part in zip(scalars, parts, strict=True)]
    assert group.multiply_each(scalars, elements) == b"".join(products)
    assert group.multiply_each(scalars[0], elements) == b"".join(group.multiply(scalars[0], p) for p in parts)
    total = group.IDENTITY
    for part in parts:
        total = group.add(total, part)
    assert group.sum_elements(elements) == total
    assert group.inverse_many(scalars) == [group.inverse(s) for s in scalars]
    assert group.multiply_each(group.inverse_many(scalars), b"".join(products)) == elements


def test_the_wheel_s_library_gives_the_same_results_and_leaves_no_file_behind(tmp_path: Path) -> None:
    script = (
        "import comity.group as g\n"
        "wheel = g._prepare(g._from_wheel())\n"
        "g._multiply, g._from_hash = wheel.crypto_scalarmult_ristretto255, "
        "wheel.crypto_core_ristretto255_from_hash\n"
        "print(g.multiply(7, g.hash_to_group(b'x', b'y')).hex())\n"
    )
    environment = {"PYTHONPATH": "proto", "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == group.multiply(7, group.hash_to_group(b"x", b"y")).hex()
    assert list(tmp_path.iterdir()) == []
