"""Making the keys together: holders that are down, late, in a hurry or lying."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from comity.v1 import ceremony_pb2 as pb
from comity.v1 import envelope_pb2
from node.records import KeyShare
from node.service import ceremony, outgoing
from tests.scenarios.stories import NATIONS, PHONE, alarms, hold, opened, phones, states
from tests.simulator import Federation, SimulatedPeers, Team


@pytest.fixture
def keyless(tmp_path: Path) -> Federation:
    """Three nations that have not made keys yet."""
    return Federation(tmp_path, keys=False)


def ceremonies(federation: Federation) -> list[str]:
    return [(federation[name].run("keys.show")["ceremony"] or {}).get("state", "none") for name in NATIONS]


def transcripts(federation: Federation) -> set[tuple[str, ...]]:
    return {
        tuple(each["transcript"] for each in federation[name].run("keys.show")["epochs"]) for name in NATIONS
    }


def shares(team: Team) -> int:
    with opened(team) as session:
        return len(session.exec(select(KeyShare)).all())


def test_all_holders_end_with_the_same_keys(keyless: Federation) -> None:
    keyless.make_keys("it")
    assert ceremonies(keyless) == ["done"] * 3
    (made,) = transcripts(keyless)
    assert len(made) == 1
    assert {shares(team) for team in keyless.nations} == {21}


def test_a_node_that_is_down_holds_it_up_and_no_more(keyless: Federation) -> None:
    keyless.stop("ro")
    keyless.make_keys("nl")
    assert keyless["nl"].run("keys.show")["ceremony"]["heard"]["commit"] == [1, 2]
    assert keyless["nl"].run("keys.show")["epochs"] == []
    keyless.restart("ro")
    keyless.clock.forward(hours=1)
    keyless.settle()
    assert ceremonies(keyless) == ["done"] * 3
    assert len(transcripts(keyless)) == 1


@pytest.mark.parametrize("rounds", [1, 2, 3, 4])
def test_all_nodes_may_stop_after_any_round_and_go_on(keyless: Federation, rounds: int) -> None:
    keyless["nl"].run("keys.generate")
    for _ in range(rounds):
        for name in NATIONS:
            outgoing.drain(keyless[name].node, limit=1)
    for name in NATIONS:
        keyless.stop(name)
        keyless.restart(name)
    keyless.settle()
    assert ceremonies(keyless) == ["done"] * 3
    assert len(transcripts(keyless)) == 1


def test_commitments_that_arrive_before_the_proposal_count(keyless: Federation) -> None:
    keyless.network.cut.add(("nl", "ro"))
    keyless.make_keys("nl")
    heard = keyless["ro"].run("keys.show")["ceremony"]
    assert heard is None, "the proposal of nl has not come, only the commitment of it"
    keyless.network.cut.clear()
    keyless.clock.forward(hours=1)
    keyless.settle()
    assert ceremonies(keyless) == ["done"] * 3


def test_messages_in_any_order_and_twice_make_the_same_keys(
    keyless: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network delivers each statement twice, and holds every second one back for a round."""
    held: list[tuple[SimulatedPeers, str, envelope_pb2.Envelope]] = []
    deliver = SimulatedPeers.deliver
    count = 0

    def late(peers: SimulatedPeers, team: str, statement: envelope_pb2.Envelope) -> bytes:
        nonlocal count
        count += 1
        if count % 2:
            held.insert(0, (peers, team, statement))
            return b""
        deliver(peers, team, statement)
        return deliver(peers, team, statement)

    monkeypatch.setattr(SimulatedPeers, "deliver", late)
    keyless["nl"].run("keys.generate")
    for _ in range(20):
        keyless.settle()
        waiting, held[:] = held[:], []
        for one in waiting:
            deliver(*one)
    assert ceremonies(keyless) == ["done"] * 3
    assert len(transcripts(keyless)) == 1


def lie(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The team deals its first peer a share that does not fit what it committed to."""
    send = outgoing.send

    def wrong(session: Any, node: Any, message: Any, recipient: str, **more: Any) -> str:
        if node is team.node and isinstance(message, pb.CeremonyDeal) and recipient == "nl":
            message.shares.ciphertext = message.shares.ciphertext[::-1]
        return send(session, node, message, recipient, **more)

    monkeypatch.setattr(ceremony, "send", wrong)


def test_a_lying_dealer_is_named_and_the_ceremony_fails_as_a_whole(
    keyless: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie(keyless["it"], monkeypatch)
    keyless.make_keys("nl")
    assert ceremonies(keyless) == ["failed"] * 3
    for team in keyless.nations:
        assert shares(team) == 0
        assert team.run("keys.show")["epochs"] == []
        assert "it" in team.run("keys.show")["ceremony"]["reason"]
        assert alarms(team)["ceremony-failed"] == 1


def test_after_a_failed_ceremony_the_next_one_works(
    keyless: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie(keyless["it"], monkeypatch)
    keyless.make_keys("nl")
    monkeypatch.undo()
    keyless.make_keys("ro")
    assert {shares(team) for team in keyless.nations} == {21}
    hold(keyless["nl"], *phones(PHONE))
    hold(keyless["ro"], *phones(PHONE))
    keyless.exchange()
    assert states(keyless["nl"]) == {"open": 1}


def test_a_complaint_that_comes_late_does_not_destroy_the_next_ceremonys_keys(
    keyless: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie(keyless["it"], monkeypatch)
    keyless.network.cut.add(("nl", "ro"))
    keyless["ro"].run("keys.generate")
    keyless.settle()
    assert keyless["nl"].run("keys.show")["ceremony"]["state"] in ("committed", "failed", "dealt")
    old = keyless["ro"].run("keys.show")["ceremony"]["ceremony"]
    if keyless["ro"].run("keys.show")["ceremony"]["state"] != "failed":
        keyless["ro"].run("keys.abandon", ceremony=old)
    monkeypatch.undo()
    keyless.network.cut.clear()
    keyless.clock.forward(hours=1)
    keyless.settle()
    keyless.make_keys("ro")
    assert {shares(team) for team in keyless.nations} == {21}
    complaint = pb.CeremonyComplaint(ceremony=bytes.fromhex(old), accused=1, reason="share")
    with keyless["nl"].node.store.write() as session:
        outgoing.send(session, keyless["nl"].node, complaint, "ro")
    keyless.settle()
    assert {shares(team) for team in keyless.nations} == {21}


def test_a_complaint_that_overtakes_the_proposal_ends_the_ceremony_there_too(keyless: Federation) -> None:
    keyless.network.cut |= {("nl", "ro"), ("it", "ro")}
    name = keyless["nl"].run("keys.generate")["ceremony"]
    keyless.settle()
    keyless["it"].run("keys.abandon", ceremony=name)
    keyless.network.cut.discard(("it", "ro"))
    keyless.clock.forward(hours=1)
    keyless.settle()
    keyless.network.cut.clear()
    keyless.clock.forward(hours=1)
    keyless.settle()
    assert ceremonies(keyless) == ["failed"] * 3
    keyless.make_keys("ro")
    assert ceremonies(keyless) == ["done"] * 3


@pytest.mark.parametrize("proposers", [("nl", "ro"), ("it", "nl"), ("nl", "it", "ro")])
def test_ceremonies_proposed_at_the_same_time_end_in_one(
    keyless: Federation, proposers: tuple[str, ...]
) -> None:
    for name in proposers:
        keyless[name].run("keys.generate")
    keyless.settle()
    assert len(transcripts(keyless)) == 1
    assert all(len(keyless[name].run("keys.show")["epochs"]) == 1 for name in NATIONS)
    assert {shares(team) for team in keyless.nations} == {21}


def test_keys_of_a_second_epoch_give_no_hit_a_second_time(keyless: Federation) -> None:
    keyless.make_keys("nl")
    hold(keyless["nl"], *phones(PHONE))
    hold(keyless["ro"], *phones(PHONE))
    keyless.exchange()
    before = keyless["nl"].run("hits"), keyless["ro"].run("hits")
    keyless.make_keys("it")
    keyless.exchange()
    keyless.exchange()
    assert (keyless["nl"].run("hits"), keyless["ro"].run("hits")) == before
    assert [each["epoch"] for each in keyless["nl"].run("keys.show")["epochs"]] == [1, 2]
