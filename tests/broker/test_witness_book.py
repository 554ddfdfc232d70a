"""The broker as a witness: it never cosigns two histories, and keeps the proof of a fork."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.bootstrap import Parts
from broker.home import Home
from comity.envelope import Signer
from comity.errors import Conflict, NotFound, Unauthenticated
from comity.identifiers import broker_witness, log_origin
from comity.log import note as notes
from comity.log.checkpoint import Checkpoint, sign_checkpoint, verify_cosignatures
from comity.log.merkle import Tree, leaf_hash
from comity.log.note import NoteSignature
from tests.broker.federation import FEDERATION, TEAMS, joined_home

NL = log_origin(FEDERATION, "nl")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return joined_home(tmp_path)


@pytest.fixture
def parts(home: Home) -> Iterator[Parts]:
    parts = Parts(home.folder)
    yield parts
    parts.close()


def _tree(size: int, fork: str = "") -> Tree:
    tree = Tree()
    for number in range(size):
        tree.append(leaf_hash(f"{number}{fork if number == size - 1 else ''}".encode()))
    return tree


def _note(tree: Tree, signer: Signer = TEAMS["nl"].node, origin: str = NL) -> bytes:
    return sign_checkpoint(Checkpoint(origin, tree.size, tree.root()), signer).to_bytes()


def _add(parts: Parts, tree: Tree, old: int) -> str | int:
    proof = tree.consistency_proof(old, tree.size) if old else []
    return parts.witness.add(old_size=old, consistency=proof, note=_note(tree))


def test_a_cosignature_verifies_under_the_key_of_the_card(parts: Parts) -> None:
    line = _add(parts, _tree(3), 0)
    assert isinstance(line, str)
    note = notes.parse(_note(_tree(3))).with_signatures([NoteSignature.from_line(line)])
    witness = broker_witness(FEDERATION, "hub")
    assert list(verify_cosignatures(note, {witness: parts.home.witness().public})) == [witness]


def test_a_log_that_grew_is_cosigned_again(parts: Parts) -> None:
    _add(parts, _tree(3), 0)
    assert isinstance(_add(parts, _tree(7), 3), str)
    assert [(row.origin, row.size) for row in parts.witness.logs()] == [(NL, 7)]


def test_a_caller_at_another_size_is_told_the_witnesss(parts: Parts) -> None:
    _add(parts, _tree(3), 0)
    assert _add(parts, _tree(7), 0) == 3
    assert [row.size for row in parts.witness.logs()] == [3]


def test_the_state_survives_a_restart(home: Home, parts: Parts) -> None:
    _add(parts, _tree(3), 0)
    again = Parts(home.folder)
    assert _add(again, _tree(7), 0) == 3
    again.close()


def test_a_fork_is_refused_and_both_notes_are_kept(parts: Parts) -> None:
    _add(parts, _tree(3), 0)
    with pytest.raises(Conflict) as refused:
        parts.witness.add(old_size=3, consistency=[], note=_note(_tree(3, fork="!")))
    assert refused.value.code == "fork"
    (kept,) = parts.witness.evidence()
    assert (kept.origin, kept.earlier, kept.later) == (NL, _note(_tree(3)), _note(_tree(3, fork="!")))
    assert [(row.size, row.note) for row in parts.witness.logs()] == [(3, _note(_tree(3)))]


def test_the_same_evidence_is_kept_once(parts: Parts) -> None:
    _add(parts, _tree(3), 0)
    for _ in range(3):
        with pytest.raises(Conflict):
            parts.witness.add(old_size=3, consistency=[], note=_note(_tree(3, fork="!")))
    assert len(parts.witness.evidence()) == 1


def test_suspicions_cannot_fill_the_disk(parts: Parts) -> None:
    _add(parts, _tree(3), 0)
    for number in range(105):
        wrong = [hashlib.sha256(bytes([number])).digest()]
        with pytest.raises(Conflict):
            parts.witness.add(old_size=3, consistency=wrong, note=_note(_tree(4, fork=str(number))))
    assert len(parts.witness.evidence()) == 100


def test_a_log_of_no_member_is_not_cosigned(parts: Parts) -> None:
    note = _note(_tree(1), origin=log_origin(FEDERATION, "xx"))
    with pytest.raises(NotFound):
        parts.witness.add(old_size=0, consistency=[], note=note)


def test_a_checkpoint_that_another_team_signed_is_not_cosigned(parts: Parts) -> None:
    note = _note(_tree(1), signer=TEAMS["ro"].node)
    with pytest.raises(Unauthenticated):
        parts.witness.add(old_size=0, consistency=[], note=note)
    assert parts.witness.logs() == []
