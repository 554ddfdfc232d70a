"""A whole federation in one process: nodes with real stores, a network and a broker made of calls.

Time and chance are the simulator's: the clock moves when a test moves it, and all random bytes come
from one seed, so that a failure replays. The network can lose, repeat and cut; its state and every
node's is public and meant to be played with: an attack is three lines.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from comity.envelope import Signer
from comity.errors import ComityError, NotFound, Unavailable
from comity.identifiers import broker_witness
from comity.log.checkpoint import KnownSize, LogState, Witness
from comity.officer import approve as officer_approves
from comity.officer import certify
from comity.roster import build_roster, fingerprint_of, make_card, sign_roster
from comity.seal import SealingKey
from comity.v1 import broker_pb2, envelope_pb2, feed_pb2, log_pb2
from comity.v1.roster_pb2 import BrokerCard, MemberClass
from node.adapters.store import SqlStore
from node.adapters.vault import SealedVault
from node.ports.settings import Settings
from node.service import (
    answering,
    egress,
    federation,
    feeds,
    incoming,
    mail,
    officers,
    operations,
    outgoing,
    publish,
    witnessing,
)
from node.service.context import Node

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FEDERATION = "simulated"
PEM = b"-----BEGIN CERTIFICATE-----\nTk9UIEEgQ0VSVElGSUNBVEU=\n-----END CERTIFICATE-----\n"
T = TypeVar("T")
MEMBER_STATE = MemberClass.MEMBER_CLASS_MEMBER_STATE


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def now(self) -> datetime:
        return self.time

    def forward(self, **by: float) -> None:
        self.time += timedelta(**by)


class SeededChance:
    """Unpredictable to the program, repeatable for the test."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count, self._lock = seed, 0, threading.Lock()

    def __call__(self, size: int) -> bytes:
        with self._lock:
            self._count += 1
            return hashlib.shake_256(f"{self._seed}/{self._count}".encode()).digest(size)


@dataclass
class Keys:
    """A node's long-term keys."""

    signer: Signer
    sealing: SealingKey


@dataclass
class OfficerSeat:
    """Where an officer sits: the key is here, never with the node."""

    name: str
    role: str
    seed: bytes
    certificate: envelope_pb2.Envelope

    def sign(self, digest: str | bytes, role: str | None = None) -> str:
        raw = bytes.fromhex(digest) if isinstance(digest, str) else digest
        signed = officer_approves(
            self.seed, raw, officer=self.name, certificate=self.certificate, role=role or self.role
        )
        return signed.SerializeToString(deterministic=True).hex()


@dataclass
class Team:
    """One team: its node, its officers, its files on disk."""

    name: str
    node: Node
    root: Signer
    clock: Clock
    folder: Path
    officers: dict[str, OfficerSeat] = field(default_factory=dict)
    running: bool = True

    def run(self, operation: str, **arguments: Any) -> Any:
        """An operation as an operator runs it, through JSON."""
        told = json.loads(json.dumps(arguments))
        pieces = list(operations.run(self.node, operation, told))
        return json.loads(json.dumps(pieces[-1]["result"], default=str))

    def act(self, seat: str, operation: str, **arguments: Any) -> Any:
        """An operation that an officer signs."""
        told = json.loads(json.dumps(arguments))
        signature = self.officers[seat].sign(operations.act_digest(operation, told))
        return self.run(operation, **told, signature=signature)

    def import_text(self, name: str, text: str) -> Any:
        """Imports a case file given as text."""
        return self.run("import", name=name, data=base64.b64encode(text.encode()).decode())


class Network:
    """Calls between nodes. `down` names teams that cannot be reached; `lose` is the share of lost calls."""

    def __init__(self, seed: str) -> None:
        self.teams: dict[str, Team] = {}
        self.down: set[str] = set()
        self.cut: set[tuple[str, str]] = set()
        self.lose = 0.0
        self.lose_answers = 0.0
        self.dice = random.Random(seed)
        self.tamper: dict[str, Callable[[str, Any], Any]] = {}
        self.calls: list[tuple[str, str, str]] = []

    def call(self, source: str, target: str, what: str, work: Callable[[Team], T]) -> T:
        self.calls.append((source, target, what))
        team = self.teams.get(target)
        away = team is None or not team.running or {source, target} & self.down
        if away or (source, target) in self.cut or self.dice.random() < self.lose:
            raise Unavailable(f"node of team {target} cannot be reached")
        assert team is not None
        answer = work(team)
        if self.dice.random() < self.lose_answers:
            raise Unavailable(f"node of team {target} did not answer in time")
        change = self.tamper.get(f"{target}.{what}")
        return change(source, answer) if change else answer


class SimulatedPeers:
    """The `Peers` port on the simulated network."""

    def __init__(self, me: str, network: Network, broker: SimulatedBroker) -> None:
        self._me, self._network, self._broker = me, network, broker

    def evaluate(self, team: str, envelope: envelope_pb2.Envelope) -> envelope_pb2.Envelope:
        return self._call(team, "evaluate", lambda t: answering.evaluate(t.node, envelope, caller=self._me))

    def audit(self, team: str, envelope: envelope_pb2.Envelope) -> envelope_pb2.Envelope:
        return self._call(team, "audit", lambda t: answering.audit(t.node, envelope, caller=self._me))

    def deliver(self, team: str, envelope: envelope_pb2.Envelope) -> bytes:
        return self._call(team, "deliver", lambda t: incoming.accept(t.node, envelope, caller=self._me)[0])

    def pull(self, team: str, after: int, digest: bytes) -> Iterator[feed_pb2.PullResponse]:
        yield from self._call(team, "pull", lambda t: publish.serve(t.node, self._me, after, digest))

    def key_set(self, team: str, epoch: int) -> envelope_pb2.Envelope:
        def show(t: Team) -> envelope_pb2.Envelope:
            with t.node.store.read() as session:
                return t.node.key_set(session, epoch or None).envelope

        return self._call(team, "key_set", show)

    def cosign(self, witness: str, request: log_pb2.AddCheckpointRequest) -> log_pb2.AddCheckpointResponse:
        if witness == self._broker.name:
            return self._broker.cosign(self._me, request)
        return self._call(
            witness, "cosign", lambda t: witnessing.add_checkpoint(t.node, request, caller=self._me)
        )

    def _call(self, team: str, what: str, work: Callable[[Team], T]) -> T:
        return self._network.call(self._me, team, what, work)


class SimulatedBroker:
    """Mailboxes and a witness in memory. `mails` is everything a curious broker ever sees."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name, self.clock = name, clock
        self.signer = Signer(hashlib.sha256(b"broker").digest())
        self.mails: dict[str, list[broker_pb2.FetchResponse]] = {}
        self.seen: set[tuple[str, bytes]] = set()
        self.sequences: dict[str, int] = {}
        self.logs: dict[str, LogState] = {}
        self.log_keys: dict[str, bytes] = {}
        self.running = True

    def put(self, sender: str, recipient: str, mail: bytes, sealed: envelope_pb2.SealedBox) -> bool:
        if not self.running:
            raise Unavailable("broker hub cannot be reached")
        if (sender, mail + recipient.encode()) in self.seen:
            return True
        self.seen.add((sender, mail + recipient.encode()))
        box = self.mails.setdefault(recipient, [])
        self.sequences[recipient] = number = self.sequences.get(recipient, 0) + 1
        box.append(broker_pb2.FetchResponse(sequence=number, sender=sender, mail=mail, sealed=sealed))
        return False

    def cosign(self, team: str, request: log_pb2.AddCheckpointRequest) -> log_pb2.AddCheckpointResponse:
        if not self.running:
            raise Unavailable("broker hub cannot be reached")
        witness = Witness(broker_witness(FEDERATION, self.name), self.signer, self.log_keys)
        about = witness.origin_of(request.note)
        verdict = witness.check_and_cosign(
            self.logs.get(about),
            old_size=request.old_size,
            consistency=list(request.consistency),
            note=request.note,
            now=self.clock.now(),
        )
        if isinstance(verdict, KnownSize):
            return log_pb2.AddCheckpointResponse(known_size=verdict.size)
        self.logs[about] = verdict.state
        return log_pb2.AddCheckpointResponse(cosignature=verdict.line.to_line())


class SimulatedMailbox:
    """The `Mailbox` port of one node."""

    def __init__(self, me: str, broker: SimulatedBroker) -> None:
        self._me, self._broker = me, broker

    def put(self, recipient: str, mail: bytes, sealed: envelope_pb2.SealedBox) -> bool:
        return self._broker.put(self._me, recipient, mail, sealed)

    def fetch(self, after: int, wait_seconds: int) -> Iterator[broker_pb2.FetchResponse]:
        if not self._broker.running:
            raise Unavailable("broker hub cannot be reached")
        yield from [each for each in self._broker.mails.get(self._me, []) if each.sequence > after]

    def acknowledge(self, through: int) -> None:
        """Mail is kept, for tests to look at."""


class Federation:
    """Teams around one broker, with a roster that all of them signed."""

    def __init__(
        self,
        folder: Path,
        teams: Sequence[str] = ("nl", "it", "ro"),
        *,
        threshold: int = 2,
        private: Sequence[str] = (),
        seed: str = "seed",
        keys: bool = True,
        settings: dict[str, Any] | None = None,
        database: Callable[[str], str] | None = None,
    ) -> None:
        self.folder, self.seed = folder, seed
        self.clock = Clock()
        self.chance = SeededChance(seed)
        self.network = Network(seed)
        self.broker = SimulatedBroker("hub", self.clock)
        self.teams = self.network.teams
        self._settings = {"release_seconds": 1, **(settings or {})}
        self._private = set(private)
        self._database = database or (lambda team: f"sqlite:///{folder / team / 'node.db'}")
        for name in (*teams, *private):
            self.teams[name] = self._team(name)
        self._found(threshold)
        for team in self.teams.values():
            self._staff(team)
        if keys:
            self.make_keys(teams[0])

    def __getitem__(self, name: str) -> Team:
        return self.teams[name]

    def make_keys(self, proposer: str) -> None:
        """A distributed key generation, to its end."""
        self[proposer].run("keys.generate")
        self.settle()

    def settle(self, rounds: int = 40) -> None:
        """Carries mail and statements until nothing moves any more."""
        for _ in range(rounds):
            moved = sum(self._step(team) for team in self.teams.values() if team.running)
            if not moved:
                return
            self.clock.forward(seconds=1)

    def exchange(self) -> None:
        """Everybody publishes, everybody pulls, notices settle: the ordinary day."""
        for team in self.nations:
            team.run("publish")
        for team in self.nations:
            team.run("pull")
        self.settle()

    @property
    def nations(self) -> list[Team]:
        """Running teams that have feeds."""
        return [team for team in self.teams.values() if team.running and team.name not in self._private]

    def stop(self, name: str) -> None:
        """The node is gone: memory lost, files kept."""
        self[name].running = False
        self[name].node.store.close()  # type: ignore[attr-defined]

    def restart(self, name: str) -> None:
        """The node comes back from its files."""
        old = self[name]
        old.node = self._node(name)
        old.running = True

    def ask(self, asker: str, hit: dict[str, Any], **stated: Any) -> tuple[str, Any]:
        """A complete request by an officer of `asker`; returns its id and what `send` said."""
        team = self[asker]
        ask = {
            "request": self.chance(16).hex(),
            "hit": hit["hit"],
            "items": ["*"],
            "legal_basis": "national act, article 1",
            "case_reference": f"{asker.upper()}-CASE-1",
            "facts": "recruitment and transport of victims for sexual exploitation",
            "link": "the selector is used by a suspect of the case",
            **stated,
        }
        draft = team.run("requests.draft", ask=ask)
        signature = team.officers["liaison"].sign(draft["digest"])
        sent = team.run("requests.send", ask=ask, signature=signature)
        self.settle()
        return ask["request"], sent

    def answer(self, provider: str, request: str, drop: Sequence[str] = ()) -> dict[str, Any]:
        """A provider's whole answer: sheet, proposal, second officer, release; returns the disclosure."""
        team = self[provider]
        sheet = team.run("decide.sheet", request=request, drop=list(drop), officer="case-officer")
        seat = team.officers["case"]
        proposed = team.run(
            "decide.propose", request=request, drop=list(drop), signature=seat.sign(sheet["digest"])
        )
        approved = proposed
        for role in proposed["roles"]:
            signature = team.officers["liaison" if role == "R-LO" else role].sign(proposed["digest"], role)
            approved = team.run("approve", disclosure=proposed["disclosure"], signature=signature)
        self.clock.forward(seconds=5)
        egress.release_due(team.node)
        self.settle()
        return dict(team.run("disclosures.show", disclosure=approved["disclosure"]))

    def _step(self, team: Team) -> int:
        moved = outgoing.drain(team.node)
        with suppress(Unavailable):
            moved += mail.fetch(team.node, 0)
        return moved

    def _team(self, name: str) -> Team:
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        root = Signer(self._secret(name, "root"))
        return Team(name, self._node(name), root, self.clock, self.folder / name)

    def _node(self, name: str) -> Node:
        chance = SeededChance(f"{self.seed}/{name}/{self.chance(4).hex()}")
        store = SqlStore(self._database(name))
        store.migrate()
        state = "" if name in self._private else name.upper()
        settings = Settings(
            federation=FEDERATION, team=name, state=state, listen="127.0.0.1:0", **self._settings
        )
        return Node(
            settings=settings,
            clock=self.clock,
            chance=chance,
            store=store,
            vault=SealedVault(self._secret(name, "kek"), clock=self.clock, chance=chance),
            keys=Keys(Signer(self._secret(name, "node")), SealingKey(self._secret(name, "sealing"))),
            peers=SimulatedPeers(name, self.network, self.broker),
            mailbox=SimulatedMailbox(name, self.broker),
        )

    def _found(self, threshold: int) -> None:
        cards = [self._card(team) for team in self.teams.values()]
        broker = BrokerCard(
            broker="hub",
            name="Hub",
            address="hub.example:7443",
            witness_key=self.broker.signer.public,
            authority_pem=PEM,
        )
        voters = [team for team in self.teams.values() if team.name not in self._private]
        envelope = build_roster(
            cards,
            [broker],
            federation=FEDERATION,
            root_threshold=len(voters),
            share_threshold=threshold,
            composer=voters[0].name,
            issued_at=self.clock.now(),
            chance=self.chance,
            mode="exercise",
        )
        for team in voters:
            envelope = sign_roster(envelope, team.root)
        self.roster = envelope
        self.fingerprint = fingerprint_of(envelope)
        for team in self.teams.values():
            federation.join(team.node, envelope.SerializeToString(), self.fingerprint)
        with voters[0].node.store.read() as session:
            trusted = voters[0].node.roster(session)
        self.broker.log_keys = {
            name: key for name, key in trusted.witnesses.items() if "/broker." not in name
        }

    def _card(self, team: Team) -> Any:
        private = team.name in self._private
        return make_card(
            team=team.name,
            state="" if private else team.name.upper(),
            name=f"Team {team.name}",
            member_class=MemberClass.MEMBER_CLASS_PRIVATE if private else MEMBER_STATE,
            address=f"node.{team.name}.example:7443",
            root_key=team.root.public,
            signing_key=team.node.keys.signer.public,
            sealing_key=team.node.keys.sealing.public,
            authority_pem=PEM,
        )

    def _staff(self, team: Team) -> None:
        for seat, name, roles in (
            ("case", "case-officer", ["R-CO", "R-LO"]),
            ("liaison", "liaison-officer", ["R-LO"]),
            ("R-JUD", "judge", ["R-JUD"]),
            ("R-VIC", "victim-officer", ["R-VIC"]),
            ("R-PROS", "prosecutor", ["R-PROS"]),
            ("R-FIU", "fiu-officer", ["R-FIU"]),
            ("R-ORIG", "origin-officer", ["R-ORIG"]),
        ):
            secret = self._secret(team.name, name)
            certificate = certify(
                team.root,
                federation=FEDERATION,
                team=team.name,
                officer=name,
                public_key=Signer(secret).public,
                roles=roles,
                not_before=self.clock.now() - timedelta(days=1),
                not_after=self.clock.now() + timedelta(days=365),
                now=self.clock.now(),
                chance=self.chance,
            )
            team.officers[seat] = OfficerSeat(name, roles[0], secret, certificate)
            officers.enrol(team.node, certificate.SerializeToString(deterministic=True))

    def _secret(self, *words: str) -> bytes:
        return hashlib.sha256(" ".join((self.seed, *words)).encode()).digest()


__all__ = ["ComityError", "Federation", "NotFound", "Team", "feeds"]
