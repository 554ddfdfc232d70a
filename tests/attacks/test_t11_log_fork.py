"""T11: a log that shows two pasts is refused by its witnesses, and any change of the past is found."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from comity.errors import ComityError
from comity.log.bundle import Report, check_bundle
from comity.log.checkpoint import Checkpoint, Inconsistent, sign_checkpoint
from comity.log.merkle import Tree, leaf_hash
from comity.v1 import log_pb2
from node.records import LogLeaf, WitnessedLog
from node.service import ledger, witnessing
from tests.attackers import PHONE, alarms, federation, hold, phones
from tests.simulator import Federation, Team

ORIGIN = "comity/simulated/nl"


@pytest.fixture
def working(tmp_path: Path) -> Federation:
    made = federation(tmp_path, {"nl": phones(PHONE), "ro": phones(PHONE)})
    made["nl"].run("log.witness")
    return made


def witnessed(witness: Team) -> WitnessedLog:
    with witness.node.store.read() as session:
        row = session.get(WitnessedLog, ORIGIN)
    assert row is not None
    return row


def other_tree(made: Federation, size: int) -> Tree:
    """nl's log as it would be without its third record."""
    records = [json.dumps(each).encode() for each in made["nl"].run("log.list", last=1_000)]
    return Tree(leaf_hash(each) for each in [*records[:2], *records[3:], *records][:size])


def show(made: Federation, witness: str, tree: Tree, old: int = 0) -> log_pb2.AddCheckpointResponse:
    """nl signs a tree and asks a witness for its cosignature."""
    note = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), made["nl"].node.keys.signer)
    proof = tree.consistency_proof(old, tree.size) if old else []
    request = log_pb2.AddCheckpointRequest(old_size=old, consistency=proof, note=note.to_bytes())
    return witnessing.add_checkpoint(made[witness].node, request, caller="nl")


def test_a_second_past_is_refused_and_kept_as_evidence(working: Federation) -> None:
    seen = witnessed(working["it"])
    forged = other_tree(working, seen.size)
    assert forged.root() != seen.root
    with pytest.raises(Inconsistent) as refused:
        show(working, "it", forged, old=seen.size)
    kept = witnessed(working["it"])
    assert (kept.size, kept.root, kept.note) == (seen.size, seen.root, seen.note)
    assert kept.fork.encode() == refused.value.later
    assert refused.value.earlier == seen.note.encode()
    assert [code for code, _ in alarms(working["it"])] == ["log-fork"]
    assert alarms(working["ro"]) == []


def test_a_longer_log_with_another_past_is_refused_too(working: Federation) -> None:
    seen = witnessed(working["it"])
    with pytest.raises(ComityError):
        show(working, "it", other_tree(working, seen.size + 5), old=seen.size)
    answer = show(working, "it", other_tree(working, seen.size + 5), old=0)
    assert (answer.known_size, answer.cosignature) == (seen.size, "")  # "prove it from there"
    assert witnessed(working["it"]).root == seen.root


def test_two_trees_shown_to_two_witnesses_never_get_both_cosignatures(tmp_path: Path) -> None:
    made = federation(tmp_path, {"nl": phones(PHONE)})
    made.network.cut.add(("nl", "ro"))
    assert made["nl"].run("log.witness")["witnesses"]["it"] == "cosigned"
    size = witnessed(made["it"]).size
    forged = other_tree(made, size)
    assert show(made, "ro", forged).cosignature  # ro, who saw nothing else, is deceived
    made.network.cut.clear()
    hold(made["nl"], *phones("+40731555204"))
    said = made["nl"].run("log.witness")["witnesses"]
    assert said["it"] == "cosigned"
    assert said["ro"] != "cosigned"  # and finds out as soon as it is shown the other one
    assert [code for code, _ in alarms(made["ro"])] == ["log-fork"]
    assert witnessed(made["ro"]).root == forged.root()
    (cosigned,) = [check for check in report(made).checks if "witness" in check.question]
    assert f"{ORIGIN[:-2]}it" in cosigned.words
    assert f"{ORIGIN[:-2]}ro" not in cosigned.words


def test_one_changed_byte_is_found_by_the_node_and_by_whoever_checks_a_bundle(working: Federation) -> None:
    team = working["nl"]
    assert team.run("log.verify")["ok"]
    assert report(working).ok
    with team.node.store.write() as session:  # somebody with the disk
        leaf = session.get(LogLeaf, 3)
        assert leaf is not None
        leaf.record = leaf.record[:-9] + bytes([leaf.record[-9] ^ 1]) + leaf.record[-8:]
        session.add(leaf)
    found = team.run("log.verify")
    assert not found["ok"]
    assert "record 3 was changed" in found["faults"]
    failed = [check.question for check in report(working).checks if check.outcome == "fail"]
    assert failed == ["Is each record in the log, at its place?"]


def test_a_removed_record_is_found_even_when_everything_after_it_fits(working: Federation) -> None:
    team = working["nl"]
    with team.node.store.write() as session:
        size = ledger.next_index(session)
        leaf = session.get(LogLeaf, size - 1)
        session.delete(leaf)
    found = team.run("log.verify")
    assert not found["ok"]
    assert any("shorter than its checkpoint" in fault for fault in found["faults"])


def report(made: Federation) -> Report:
    bundle = base64.b64decode(made["nl"].run("log.export", subject="all")["bundle"])
    return check_bundle(bundle, fingerprint=made.fingerprint, now=made.clock.now())
