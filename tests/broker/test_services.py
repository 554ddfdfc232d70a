"""The broker over the wire, as a node meets it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.bootstrap import BrokerApp
from broker.home import Home
from comity.errors import ComityError, Conflict, Malformed, NotFound, Unauthenticated, Unavailable
from comity.identifiers import log_origin, node_spiffe
from comity.log.checkpoint import Checkpoint, sign_checkpoint
from comity.log.merkle import Tree, leaf_hash
from comity.transport import pki
from comity.v1 import broker_pb2, broker_pb2_grpc, log_pb2, log_pb2_grpc, roster_pb2, roster_pb2_grpc
from tests.broker.federation import FEDERATION, TEAMS, channel, joined_home, now, put, sealed, serving


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return joined_home(tmp_path)


@pytest.fixture
def broker(home: Home) -> Iterator[BrokerApp]:
    app = serving(home)
    yield app
    app.stop(grace=1.0)


def _box(home: Home, broker: BrokerApp, team: str) -> broker_pb2_grpc.MailboxServiceStub:
    return broker_pb2_grpc.MailboxServiceStub(channel(home, broker.port, team))


def test_mail_goes_from_team_to_team_and_is_gone_when_acknowledged(home: Home, broker: BrokerApp) -> None:
    nl, it = _box(home, broker, "nl"), _box(home, broker, "it")
    sent = put("it", b"only it can open this")
    assert not nl.Put(sent).duplicate
    assert nl.Put(sent).duplicate
    (mail,) = it.Fetch(broker_pb2.FetchRequest())
    assert (mail.sender, mail.mail, mail.sealed) == ("nl", sent.mail, sent.sealed)
    assert abs(mail.received_at_ms / 1000 - time.time()) < 60
    assert it.Acknowledge(broker_pb2.AcknowledgeRequest(through=mail.sequence)).erased == 1
    assert list(it.Fetch(broker_pb2.FetchRequest())) == []


def test_the_sender_is_who_the_certificate_proves(home: Home, broker: BrokerApp) -> None:
    _box(home, broker, "ro").Put(put("it"))
    (mail,) = _box(home, broker, "it").Fetch(broker_pb2.FetchRequest())
    assert mail.sender == "ro"


def test_a_certificate_of_another_teams_authority_reads_no_mail(home: Home, broker: BrokerApp) -> None:
    _box(home, broker, "nl").Put(put("it"))
    forged = pki.issue_leaf(
        *TEAMS["ro"].authority,
        spiffe=node_spiffe(FEDERATION, "it"),
        dns=f"node.it.{FEDERATION}",
        now=now(),
    )
    stub = broker_pb2_grpc.MailboxServiceStub(channel(home, broker.port, "it", leaf=forged))
    with pytest.raises(Unauthenticated):
        list(stub.Fetch(broker_pb2.FetchRequest()))
    with pytest.raises(Unauthenticated):
        stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=9))
    assert len(list(_box(home, broker, "it").Fetch(broker_pb2.FetchRequest()))) == 1


def test_a_planted_selector_is_nowhere_in_the_brokers_files_or_log(tmp_path: Path) -> None:
    """What senders put into a sealed box is ciphertext; whatever else they say in clear is refused."""
    home = joined_home(tmp_path / "home", telemetry=f"file:{tmp_path}/log")
    broker = serving(home)
    stub = _box(home, broker, "nl")
    planted = "+31612345678"
    for request in (
        broker_pb2.PutRequest(recipient=planted, mail=bytes(16), sealed=sealed()),
        broker_pb2.PutRequest(recipient="it", mail=planted.encode(), sealed=sealed()),
    ):
        with pytest.raises(Malformed):
            stub.Put(request)
    stub.Put(put("it"))
    broker.stop(grace=1.0)
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(everything) > 8
    for path in everything:
        assert b"31612345678" not in path.read_bytes(), path


def test_a_waiting_fetch_hears_new_mail_at_once(home: Home, broker: BrokerApp) -> None:
    stream = _box(home, broker, "it").Fetch(broker_pb2.FetchRequest(wait_seconds=10), timeout=10)
    threading.Timer(0.2, _box(home, broker, "nl").Put, (put("it"),)).start()
    started = time.monotonic()
    assert next(stream).sender == "nl"
    assert time.monotonic() - started < 3
    stream.cancel()


def test_a_waiting_fetch_ends_in_order_before_its_deadline(home: Home, broker: BrokerApp) -> None:
    stub = _box(home, broker, "it")
    assert list(stub.Fetch(broker_pb2.FetchRequest(wait_seconds=600), timeout=0.8)) == []


def test_a_reader_that_left_frees_its_thread(home: Home, broker: BrokerApp) -> None:
    for _ in range(3):
        stream = _box(home, broker, "it").Fetch(broker_pb2.FetchRequest(wait_seconds=300), timeout=300)
        stream.cancel()
    started = time.monotonic()
    broker.parts.boxes.put(sender="nl", recipient="it", mail=bytes(16), sealed=sealed().SerializeToString())
    assert len(list(_box(home, broker, "it").Fetch(broker_pb2.FetchRequest()))) == 1
    assert time.monotonic() - started < 3


def test_mail_and_cursor_survive_a_restart(home: Home) -> None:
    first = serving(home)
    stub = _box(home, first, "nl")
    for _ in range(3):
        stub.Put(put("it"))
    _box(home, first, "it").Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
    first.stop(grace=1.0)
    second = serving(home)
    box = _box(home, second, "it")
    assert [mail.sequence for mail in box.Fetch(broker_pb2.FetchRequest(after=1))] == [2, 3]
    second.stop(grace=1.0)


def test_mail_to_a_stranger_is_refused_in_words(home: Home, broker: BrokerApp) -> None:
    with pytest.raises(NotFound, match="not in the roster") as refused:
        _box(home, broker, "nl").Put(put("es"))
    assert refused.value.field == "recipient"


def test_the_broker_hands_out_the_signed_roster_and_no_key_set(home: Home, broker: BrokerApp) -> None:
    stub = roster_pb2_grpc.RosterServiceStub(channel(home, broker.port, "nl"))
    roster = stub.GetRoster(roster_pb2.GetRosterRequest()).roster
    assert roster == broker.parts.rosters.current().envelope
    with pytest.raises(NotFound) as refused:
        stub.GetKeySet(roster_pb2.GetKeySetRequest())
    assert refused.value.code == "no-key-sets"


def _checkpoint(*leaves: str) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf_hash(leaf.encode()))
    checkpoint = Checkpoint(log_origin(FEDERATION, "nl"), tree.size, tree.root())
    return sign_checkpoint(checkpoint, TEAMS["nl"].node).to_bytes()


def test_the_witness_cosigns_over_the_wire_and_a_fork_arrives_as_a_conflict(
    home: Home, broker: BrokerApp
) -> None:
    stub = log_pb2_grpc.WitnessServiceStub(channel(home, broker.port, "nl"))
    answer = stub.AddCheckpoint(log_pb2.AddCheckpointRequest(note=_checkpoint("a", "b")))
    assert answer.cosignature.startswith("— comity/eu-thb/broker.hub ")
    assert stub.AddCheckpoint(log_pb2.AddCheckpointRequest(note=_checkpoint("a", "b", "c"))).known_size == 2
    with pytest.raises(Conflict) as refused:
        stub.AddCheckpoint(log_pb2.AddCheckpointRequest(old_size=2, note=_checkpoint("a", "x")))
    assert refused.value.code == "fork"
    assert len(broker.parts.witness.evidence()) == 1


def test_a_second_broker_on_the_same_home_is_refused(home: Home, broker: BrokerApp) -> None:
    with pytest.raises(Conflict, match="already"):
        BrokerApp(home.folder, listen="127.0.0.1:0")
    assert broker.port


def test_the_ready_file_is_there_only_while_serving(home: Home) -> None:
    app = serving(home)
    assert b'"port"' in home.read("ready")
    app.stop(grace=1.0)
    assert not (home.folder / "ready").exists()


def test_a_failed_start_leaves_no_lock_and_no_ready_file(tmp_path: Path) -> None:
    home = joined_home(tmp_path)
    taken = serving(joined_home(tmp_path / "other"))
    with pytest.raises(Unavailable):
        BrokerApp(home.folder, listen=f"127.0.0.1:{taken.port}")
    taken.stop(grace=1.0)
    assert not home.is_served()
    assert not (home.folder / "ready").exists()


def test_stopping_ends_waiting_readers_quickly(home: Home) -> None:
    app = serving(home)
    ended: list[ComityError | int] = []

    def wait() -> None:
        try:
            ended.append(
                len(list(_box(home, app, "it").Fetch(broker_pb2.FetchRequest(wait_seconds=60), timeout=60)))
            )
        except ComityError as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    app.stop(grace=5.0)
    thread.join()
    assert time.monotonic() - started < 3
    assert ended == [0]
