"""Outbox and inbox on each engine: what an act causes leaves with it, at least once, and counts once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from comity.errors import Conflict, Forbidden, Unavailable
from comity.v1 import delivery_pb2, envelope_pb2
from node.records import Alarm, Hit, Inbox, Outbox
from node.service import incoming, outgoing
from tests.contract.conftest import fail_after
from tests.servers import fresh_database
from tests.simulator import Federation, SimulatedPeers, Team

FALSE = delivery_pb2.FEEDBACK_VERDICT_FALSE


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Federation]:
    """Two nations without keys, on each engine."""
    if request.param == "sqlite":
        yield Federation(tmp_path, ("nl", "ro"), keys=False)
        return
    server = request.getfixturevalue("postgres_server")
    with ExitStack() as databases:
        urls = {name: databases.enter_context(fresh_database(server)) for name in ("nl", "ro")}
        federation = Federation(tmp_path, ("nl", "ro"), keys=False, database=lambda team: urls[team])
        yield federation
        for team in federation.teams.values():
            team.node.store.close()  # type: ignore[attr-defined]


def say(team: Team, to: str, number: int = 1, route: str = "direct") -> str:
    """Queues a harmless statement."""
    message = delivery_pb2.HitFeedback(hit=number.to_bytes(16, "big"), verdict=FALSE)
    with team.node.store.write() as session:
        return outgoing.send(session, team.node, message, to, route=route)


def rows(team: Team, table: Any) -> list[Any]:
    with team.node.store.read() as session:
        return list(session.exec(select(table)).all())


def outbox(team: Team) -> list[str]:
    return [row.state for row in sorted(rows(team, Outbox), key=lambda row: row.id)]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Each time that feedback takes effect, in order."""
    taken: list[bytes] = []
    handler = incoming._HANDLERS[delivery_pb2.HitFeedback]

    def counting(session: Any, node: Any, sender: str, message: Any, statement: Any) -> None:
        taken.append(message.hit)
        handler(session, node, sender, message, statement)

    monkeypatch.setitem(incoming._HANDLERS, delivery_pb2.HitFeedback, counting)
    return taken


def test_an_act_that_fails_sends_nothing(pair: Federation) -> None:
    nl = pair["nl"]
    message = delivery_pb2.HitFeedback(hit=bytes(16), verdict=FALSE)
    with pytest.raises(ZeroDivisionError):
        fail_after(nl.node.store, lambda session: outgoing.send(session, nl.node, message, "ro"))
    assert outbox(nl) == []


@pytest.mark.parametrize("route", ["direct", "broker"])
def test_a_statement_arrives_once_and_its_bytes_are_not_kept(
    pair: Federation, counted: list[bytes], route: str
) -> None:
    say(pair["nl"], "ro", route=route)
    pair.settle()
    assert len(counted) == 1
    (row,) = rows(pair["nl"], Outbox)
    assert (row.state, row.envelope) == ("sent", b"")
    (kept,) = rows(pair["ro"], Inbox)
    assert (kept.sender, kept.digest) == ("nl", row.digest)


@pytest.mark.parametrize("route", ["direct", "broker"])
def test_a_statement_whose_answer_was_lost_counts_once(
    pair: Federation, counted: list[bytes], route: str
) -> None:
    pair.network.lose_answers = 1.0
    say(pair["nl"], "ro", route=route)
    for _ in range(3):
        pair.settle()
        pair.clock.forward(minutes=10)
    pair.network.lose_answers = 0.0
    pair.settle()
    assert len(counted) == 1
    assert outbox(pair["nl"]) == ["sent"]


def test_a_statement_that_was_accepted_is_answered_again_as_a_duplicate(
    pair: Federation, counted: list[bytes]
) -> None:
    nl, ro = pair["nl"], pair["ro"]
    message = delivery_pb2.HitFeedback(hit=bytes(16), verdict=FALSE)
    statement = outgoing.sign(nl.node, message, ["ro"], timedelta(days=1))
    first = incoming.accept(ro.node, statement, caller="nl")
    again = incoming.accept(ro.node, statement, caller="nl")
    assert (first[1], again[1]) == (False, True)
    assert first[0] == again[0]
    assert len(counted) == 1


def test_a_handler_that_fails_leaves_no_trace_and_the_repetition_counts(
    pair: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(session: Any, *_: Any) -> None:
        session.add(Hit(id="00" * 16, peer="nl", kind="phone", epoch=1, found_at=pair.clock.now()))
        session.flush()
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setitem(incoming._HANDLERS, delivery_pb2.HitFeedback, failing)
        say(pair["nl"], "ro")
        pair.settle()
    assert rows(pair["ro"], Hit) == rows(pair["ro"], Inbox) == []
    assert outbox(pair["nl"]) == ["queued"]
    pair.clock.forward(minutes=10)
    pair.settle()
    assert outbox(pair["nl"]) == ["sent"]
    assert len(rows(pair["ro"], Inbox)) == 1


def test_order_is_kept_behind_a_peer_that_cannot_be_reached(pair: Federation, counted: list[bytes]) -> None:
    nl = pair["nl"]
    pair.network.down = {"ro"}
    say(nl, "ro", 1)
    for _ in range(5):
        pair.clock.forward(seconds=5)
        outgoing.drain(nl.node)
    say(nl, "ro", 2)
    pair.network.down = set()
    outgoing.drain(nl.node)
    assert counted == [], "the first waits, so the second does"
    pair.clock.forward(hours=1)
    outgoing.drain(nl.node)
    assert [int.from_bytes(each, "big") for each in counted] == [1, 2]


def test_a_peer_that_is_down_does_not_hold_up_another_nor_another_road(pair: Federation) -> None:
    nl = pair["nl"]
    pair.network.down = {"ro"}
    for number in range(250):
        say(nl, "ro", number)
    say(nl, "ro", 999, route="broker")
    assert outgoing.drain(nl.node, limit=200) == 1
    assert outgoing.drain(nl.node, limit=200) == 0
    assert [row.what for row in rows(nl, Outbox) if row.route == "broker" and row.state == "sent"]


def test_what_a_peer_refuses_for_good_is_dropped_with_an_alarm_and_holds_up_nothing(
    pair: Federation, monkeypatch: pytest.MonkeyPatch, counted: list[bytes]
) -> None:
    deliver = SimulatedPeers.deliver

    def refusing(peers: SimulatedPeers, team: str, statement: envelope_pb2.Envelope) -> bytes:
        if delivery_pb2.HitFeedback.FromString(statement.payload).hit[-1:] == b"\x01":
            raise Forbidden("not from you", code="some-code-of-its-own")
        return deliver(peers, team, statement)

    monkeypatch.setattr(SimulatedPeers, "deliver", refusing)
    for number in (1, 2):
        say(pair["nl"], "ro", number)
    pair.settle()
    assert outbox(pair["nl"]) == ["dropped", "sent"]
    assert [alarm.code for alarm in rows(pair["nl"], Alarm)] == ["statement-dropped"]
    assert len(counted) == 1


def test_what_a_peer_cannot_take_yet_waits_apart_until_it_can_or_is_too_old(
    pair: Federation, monkeypatch: pytest.MonkeyPatch, counted: list[bytes]
) -> None:
    deliver = SimulatedPeers.deliver

    def not_yet(peers: SimulatedPeers, team: str, statement: envelope_pb2.Envelope) -> bytes:
        if delivery_pb2.HitFeedback.FromString(statement.payload).hit[-1:] == b"\x01":
            raise Conflict("my roster is older than yours")
        return deliver(peers, team, statement)

    monkeypatch.setattr(SimulatedPeers, "deliver", not_yet)
    for number in (1, 2):
        say(pair["nl"], "ro", number)
    outgoing.drain(pair["nl"].node)
    assert outbox(pair["nl"]) == ["queued", "sent"]
    pair.clock.forward(days=29)
    outgoing.drain(pair["nl"].node)
    assert outbox(pair["nl"]) == ["dropped", "sent"]
    assert len(counted) == 1


def test_a_peer_that_is_heard_from_gets_what_waited_for_it_at_once(
    pair: Federation, counted: list[bytes]
) -> None:
    pair.network.cut.add(("nl", "ro"))
    say(pair["nl"], "ro")
    for _ in range(8):
        outgoing.drain(pair["nl"].node)
        pair.clock.forward(minutes=2)
    pair.network.cut.clear()
    outgoing.drain(pair["nl"].node)
    say(pair["ro"], "nl", 7)
    outgoing.drain(pair["ro"].node)
    outgoing.drain(pair["nl"].node)
    assert len(counted) == 2


def test_a_mail_that_is_not_ours_to_open_does_not_hold_up_the_next(
    pair: Federation, counted: list[bytes]
) -> None:
    rubbish = envelope_pb2.SealedBox(ciphertext=b"rubbish")
    pair.broker.put("nl", "ro", bytes(16), rubbish)
    say(pair["nl"], "ro", route="broker")
    pair.settle()
    assert len(counted) == 1
    assert [alarm.code for alarm in rows(pair["ro"], Alarm)] == ["mail-refused"]
    pair.stop("ro")
    pair.restart("ro")
    pair.settle()
    assert len(counted) == 1
