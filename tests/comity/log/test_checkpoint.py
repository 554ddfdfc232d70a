"""Checkpoints, witnesses, and what they do about a log with two faces."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.envelope import Signer
from comity.errors import ComityError, Malformed, NotFound, Unauthenticated
from comity.log import note as notes
from comity.log.checkpoint import (
    Checkpoint,
    Cosigned,
    Inconsistent,
    KnownSize,
    LogState,
    Witness,
    cosign,
    open_checkpoint,
    origin,
    sign_checkpoint,
    verify_cosignatures,
)
from comity.log.merkle import Tree, leaf_hash
from comity.log.note import NoteKey
from tests.comity.trust import NOW, team

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "log.json").read_text())
ORIGIN = origin("eu-thb", "it")
LOG, RO = team("it").node, team("ro").node
TREE = Tree(leaf_hash(str(number).encode()) for number in range(20))
OTHER = Tree(leaf_hash(f"other {number}".encode()) for number in range(20))
WITNESS = Witness("comity/eu-thb/ro", RO, {ORIGIN: LOG.public})


def note_at(size: int, tree: Tree = TREE, signer: Signer = LOG, name: str = ORIGIN) -> bytes:
    return sign_checkpoint(Checkpoint(name, size, tree.root(size)), signer).to_bytes()


def state_at(size: int) -> LogState:
    return LogState(size, TREE.root(size), note_at(size))


def asked(last: LogState | None, old: int, new: int, **changes: Any) -> Cosigned | KnownSize:
    terms: dict[str, Any] = {
        "old_size": old,
        "consistency": TREE.consistency_proof(old, new) if 0 < old <= new else [],
        "note": note_at(new),
        "now": NOW,
    }
    return WITNESS.check_and_cosign(last, **(terms | changes))


def test_our_own_example_is_reproduced() -> None:
    vector = VECTORS["checkpoint"]
    note = notes.parse(vector["note"].encode())
    log = NoteKey.from_text(vector["log_vkey"])
    checkpoint = open_checkpoint(note, log.name, log.public)
    assert (checkpoint.size, checkpoint.root.hex()) == (7, vector["root"])
    witnesses = [NoteKey.from_text(each) for each in vector["witness_vkeys"]]
    assert {each.algorithm for each in witnesses} == {notes.COSIGNATURE}
    found = verify_cosignatures(note, {each.name: each.public for each in witnesses})
    assert found == {each.name: datetime.fromisoformat(vector["time"]) for each in witnesses}


def test_the_example_of_c2sp_has_the_form_that_we_read() -> None:
    vector = VECTORS["cosigned_note"]
    note = notes.parse(vector["note"].encode())
    checkpoint = Checkpoint.from_text(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.to_text() == note.text
    assert int.from_bytes(note.signatures[1].blob[:8], "big") == vector["time"]
    assert note.to_bytes().decode() == vector["note"]


def test_a_checkpoint_counts_when_its_own_log_signed_it() -> None:
    note = notes.parse(note_at(7))
    assert open_checkpoint(note, ORIGIN, LOG.public) == Checkpoint(ORIGIN, 7, TREE.root(7))
    with pytest.raises(Unauthenticated):
        open_checkpoint(note, ORIGIN, RO.public)
    with pytest.raises(Unauthenticated):
        open_checkpoint(note, origin("eu-thb", "ro"), LOG.public)


def test_a_key_that_signs_a_checkpoint_of_another_origin_is_refused() -> None:
    foreign = Checkpoint(origin("eu-thb", "nl"), 7, TREE.root(7))
    note = notes.sign_note(foreign.to_text(), name=ORIGIN, signer=LOG)
    with pytest.raises(Unauthenticated) as refused:
        open_checkpoint(note, ORIGIN, LOG.public)
    assert refused.value.code == "wrong-origin"


def test_extension_lines_are_carried_and_signed() -> None:
    checkpoint = Checkpoint(ORIGIN, 7, TREE.root(7), ("shard 2026",))
    note = sign_checkpoint(checkpoint, LOG)
    assert open_checkpoint(notes.parse(note.to_bytes()), ORIGIN, LOG.public) == checkpoint


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"name\n7\n{ROOT}",
        f"name\n07\n{ROOT}\n",
        f"name\n0\n{ROOT}\n",
        f"name\n+7\n{ROOT}\n",
        f"name\n-7\n{ROOT}\n",
        f"name\n٧\n{ROOT}\n",
        f"name\n{2**63}\n{ROOT}\n",
        f"name\n{10**30}\n{ROOT}\n",
        f"name\n7\n{ROOT[:-4]}\n",
        f"name\n7\n{ROOT[:-2]}J=\n",
        f"na me\n7\n{ROOT}\n",
        f"\n7\n{ROOT}\n",
        f"name\n7\n{ROOT}\n\nmore\n",
        "name\n7\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.from_text(text)


def test_a_cosignature_says_who_saw_it_and_when() -> None:
    note = notes.parse(note_at(7))
    line = cosign(note, RO, WITNESS.name, NOW + timedelta(milliseconds=900))
    found = verify_cosignatures(note.with_signatures([line]), {WITNESS.name: RO.public})
    assert found == {WITNESS.name: NOW}
    assert found[WITNESS.name].tzinfo is UTC


def test_a_log_does_not_witness_itself_by_its_own_signature() -> None:
    assert verify_cosignatures(notes.parse(note_at(7)), {ORIGIN: LOG.public}) == {}


@pytest.mark.parametrize("position", [0, 7, 8, 40, 71])
def test_a_changed_cosignature_or_time_refuses_the_note(position: int) -> None:
    note = notes.parse(note_at(7))
    line = cosign(note, RO, WITNESS.name, NOW)
    blob = line.blob[:position] + bytes([line.blob[position] ^ 1]) + line.blob[position + 1 :]
    changed = note.with_signatures([notes.NoteSignature(line.name, line.key_id, blob)])
    with pytest.raises(Unauthenticated) as refused:
        verify_cosignatures(changed, {WITNESS.name: RO.public})
    assert refused.value.code == "bad-cosignature"


def test_a_cosignature_does_not_move_to_another_checkpoint() -> None:
    line = cosign(notes.parse(note_at(7)), RO, WITNESS.name, NOW)
    with pytest.raises(Unauthenticated):
        verify_cosignatures(notes.parse(note_at(8)).with_signatures([line]), {WITNESS.name: RO.public})


def test_a_witness_cosigns_the_first_checkpoint_it_sees_and_each_that_extends_it() -> None:
    first = asked(None, 0, 7)
    assert isinstance(first, Cosigned)
    assert first.state == state_at(7)
    second = asked(first.state, 7, 13)
    assert isinstance(second, Cosigned)
    assert second.state.size == 13
    signed = notes.parse(note_at(13)).with_signatures([second.line])
    assert verify_cosignatures(signed, {WITNESS.name: RO.public}) == {WITNESS.name: NOW}


def test_the_same_checkpoint_again_is_cosigned_again() -> None:
    again = asked(state_at(7), 7, 7)
    assert isinstance(again, Cosigned)
    assert again.state == state_at(7)


def test_an_empty_log_may_grow() -> None:
    empty = asked(None, 0, 0)
    assert isinstance(empty, Cosigned)
    assert isinstance(asked(empty.state, 0, 7), Cosigned)


@pytest.mark.parametrize("old", [0, 5, 8])
def test_whoever_starts_from_another_size_learns_the_known_one(old: int) -> None:
    assert asked(state_at(7), old, 13) == KnownSize(7)


def test_a_log_that_was_set_back_learns_that_it_was_ahead() -> None:
    assert asked(state_at(13), 7, 7) == KnownSize(13)


def test_two_trees_of_one_size_are_proof_of_a_fork_and_both_notes_are_kept() -> None:
    forked = note_at(7, OTHER)
    with pytest.raises(Inconsistent) as refused:
        asked(state_at(7), 7, 7, note=forked, consistency=[])
    assert refused.value.code == "fork"
    assert (refused.value.earlier, refused.value.later) == (note_at(7), forked)
    for each in (refused.value.earlier, refused.value.later):
        assert open_checkpoint(notes.parse(each), ORIGIN, LOG.public).size == 7


def test_a_log_that_rewrote_its_past_cannot_prove_growth() -> None:
    with pytest.raises(Inconsistent) as refused:
        asked(state_at(7), 7, 13, note=note_at(13, OTHER), consistency=OTHER.consistency_proof(7, 13))
    assert refused.value.code == "inconsistent"
    assert refused.value.later == note_at(13, OTHER)


def test_growth_without_proof_is_not_cosigned() -> None:
    for proof in ([], TREE.consistency_proof(7, 13)[:-1], [b"short"]):
        with pytest.raises(Inconsistent):
            asked(state_at(7), 7, 13, consistency=proof)


def test_a_proof_from_nothing_and_a_start_above_the_end_are_malformed() -> None:
    with pytest.raises(Malformed):
        asked(None, 0, 7, consistency=[bytes(32)])
    with pytest.raises(Malformed):
        asked(state_at(7), 14, 13)
    with pytest.raises(Malformed):
        asked(state_at(7), 7, 13, consistency=[bytes(32)] * 64)


def test_an_unknown_log_and_a_forged_signature_are_not_cosigned() -> None:
    with pytest.raises(NotFound):
        asked(None, 0, 7, note=note_at(7, name=origin("eu-thb", "nl")))
    with pytest.raises(Unauthenticated):
        asked(None, 0, 7, note=note_at(7, signer=RO))


def test_the_origin_of_a_request_is_found_before_anything_is_believed() -> None:
    assert WITNESS.origin_of(note_at(7)) == ORIGIN


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_request_raises_only_errors_of_the_protocol(data: bytes, text: str) -> None:
    with pytest.raises(ComityError):
        asked(None, 0, 7, note=data)
    with pytest.raises(ComityError):
        Checkpoint.from_text(text)
