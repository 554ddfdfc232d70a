"""The tree proves what it holds and nothing else."""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Corrupt, Malformed
from comity.log.merkle import (
    EMPTY_ROOT,
    Tree,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "log.json").read_text())
LEAVES = [leaf_hash(f"record {number}".encode()) for number in range(70)]
TREE = Tree(LEAVES)


def by_name(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("vector", VECTORS[kind], ids=lambda vector: vector["name"])


@by_name("inclusion")
def test_inclusion_proofs_of_others_are_judged_as_they_judge_them(vector: dict[str, Any]) -> None:
    leaf, root_hash = bytes.fromhex(vector["leaf"]), bytes.fromhex(vector["root"])
    proof = [bytes.fromhex(each) for each in vector["proof"]]
    if vector["holds"]:
        verify_inclusion(leaf, vector["index"], vector["size"], proof, root_hash)
    else:
        with pytest.raises(Corrupt):
            verify_inclusion(leaf, vector["index"], vector["size"], proof, root_hash)


@by_name("consistency")
def test_consistency_proofs_of_others_are_judged_as_they_judge_them(vector: dict[str, Any]) -> None:
    old_root, new_root = bytes.fromhex(vector["old_root"]), bytes.fromhex(vector["new_root"])
    proof = [bytes.fromhex(each) for each in vector["proof"]]
    sizes = vector["old_size"], vector["new_size"]
    if vector["holds"]:
        verify_consistency(*sizes, proof, old_root, new_root)
    else:
        with pytest.raises(Corrupt):
            verify_consistency(*sizes, proof, old_root, new_root)


def test_the_vectors_hold_good_and_bad_proofs_of_both_kinds() -> None:
    for kind in ("inclusion", "consistency"):
        good = sum(each["holds"] for each in VECTORS[kind])
        assert good >= 5
        assert len(VECTORS[kind]) - good >= 90


def test_the_roots_are_those_of_rfc_9162() -> None:
    vector = VECTORS["rfc6962_roots"]
    tree = Tree()
    assert tree.root() == EMPTY_ROOT == hashlib.sha256(b"").digest()
    for entry, expected in zip(vector["entries"], vector["roots"], strict=True):
        tree.append(leaf_hash(bytes.fromhex(entry)))
        assert tree.root().hex() == expected
    assert root(tree.leaf(index) for index in range(8)).hex() == vector["roots"][-1]


def reference_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(reference_root(leaves[:k]), reference_root(leaves[k:]))


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_every_root_is_the_definitions(size: int) -> None:
    assert TREE.root(size) == reference_root(LEAVES[:size])


@settings(deadline=None)
@given(st.integers(1, 70), st.data())
def test_every_leaf_proves_its_place_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1))
    proof = TREE.inclusion_proof(index, size)
    verify_inclusion(LEAVES[index], index, size, proof, TREE.root(size))
    if other != index:
        with pytest.raises(Corrupt):
            verify_inclusion(LEAVES[index], other, size, proof, TREE.root(size))
        with pytest.raises(Corrupt):
            verify_inclusion(LEAVES[other], index, size, proof, TREE.root(size))


@settings(deadline=None)
@given(st.integers(1, 70), st.integers(1, 70))
def test_every_tree_proves_that_it_grew_from_every_earlier_one(one: int, other: int) -> None:
    old, new = sorted((one, other))
    verify_consistency(old, new, TREE.consistency_proof(old, new), TREE.root(old), TREE.root(new))


@settings(deadline=None)
@given(st.integers(2, 70), st.data())
def test_a_shortened_lengthened_or_changed_proof_never_holds(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size - 1))
    inclusion, consistency = TREE.inclusion_proof(index, size), TREE.consistency_proof(old, size)
    for forged in forgeries(inclusion, data):
        with pytest.raises(Corrupt):
            verify_inclusion(LEAVES[index], index, size, forged, TREE.root(size))
    for forged in forgeries(consistency, data):
        with pytest.raises(Corrupt):
            verify_consistency(old, size, forged, TREE.root(old), TREE.root(size))


def forgeries(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = bytes([proof[at][0] ^ 0x80]) + proof[at][1:]
    return [
        proof[:-1],
        proof[1:],
        [*proof, bytes(32)],
        [bytes(32), *proof],
        [*proof[:at], flipped, *proof[at + 1 :]],
        [*proof[:at], proof[at][:31], *proof[at + 1 :]],
        proof * 30,
    ]


def test_a_rewritten_log_cannot_prove_that_it_grew() -> None:
    rewritten = Tree([leaf_hash(b"forged"), *LEAVES[1:]])
    proof = rewritten.consistency_proof(40, 70)
    with pytest.raises(Corrupt) as refused:
        verify_consistency(40, 70, proof, TREE.root(40), rewritten.root())
    assert refused.value.code == "consistency-proof"


def test_a_node_never_passes_for_a_leaf() -> None:
    inner = node_hash(LEAVES[0], LEAVES[1])
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != inner
    with pytest.raises(Corrupt):
        verify_inclusion(leaf_hash(LEAVES[0] + LEAVES[1]), 0, 1, [], inner)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: TREE.root(71),
        lambda: TREE.root(-1),
        lambda: TREE.leaf(70),
        lambda: TREE.inclusion_proof(70),
        lambda: TREE.inclusion_proof(0, 0),
        lambda: TREE.inclusion_proof(5, 5),
        lambda: TREE.consistency_proof(0),
        lambda: TREE.consistency_proof(71),
        lambda: TREE.consistency_proof(5, 4),
        lambda: Tree([b"short"]),
    ],
)
def test_what_the_tree_does_not_reach_is_refused(ask: Any) -> None:
    with pytest.raises(Malformed):
        ask()


@settings(deadline=None)
@given(
    st.integers(-5, 100),
    st.integers(-5, 100),
    st.lists(st.binary(max_size=33), max_size=4),
    st.binary(max_size=33),
)
def test_any_figures_are_judged_without_another_error(
    index: int, size: int, proof: list[bytes], leaf: bytes
) -> None:
    with pytest.raises(Corrupt):
        verify_inclusion(leaf, index, size, proof, TREE.root())
    with pytest.raises(Corrupt):
        verify_consistency(index, size, [b"", *proof], leaf, TREE.root())


def test_a_hundred_thousand_records_are_appended_in_half_a_second_of_work() -> None:
    leaves = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(100_000)]
    begun = time.process_time()
    tree = Tree(leaves)
    assert time.process_time() - begun < 0.5
    begun = time.process_time()
    proofs = [tree.inclusion_proof(index) for index in range(0, 100_000, 100)]
    assert time.process_time() - begun < 0.5
    assert max(map(len, proofs)) == 17
