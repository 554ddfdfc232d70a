"""What attackers on the simulator have in common: small case files, a wiretap, statements made by hand.

An attack is judged by what did not change, so `holdings` counts everything that a node's store holds.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from typing import Any, NamedTuple

from google.protobuf.message import Message
from sqlmodel import func, select

from comity import group, oprf, threshold
from comity.envelope import sign
from comity.pseudonym import PROFILE, PURPOSE, encode_input
from comity.v1 import pseudonym_pb2 as pb
from comity.v1.envelope_pb2 import Envelope
from node import records
from node.service.answering import share_of
from node.service.context import Node
from tests.simulator import Federation, Team

PHONE = "+40722123419"
OTHER_PHONE = "+40731555204"
ITEM = "Marius Verzonnen, subscriber since 2024"

FACTS = """#legal basis: national act, article 1
#offence: thb
#exploitation: SEX
#max penalty: 12
#safe house: no
#child: no
#special: no
#assessment: no
#handling: H0
#crime area: trafficking-in-human-beings
#source: own
#defect: no
#exposes: no
kind,value,subject,evaluation,expiry,item:2(a)(i):subscriber{marks}
"""


def case_file(case: str, *selectors: tuple[str, str], item: str = ITEM, marks: str = "") -> str:
    """A case file with nothing in it that the law withholds; `marks` are facts of the item."""
    lines = [f'{kind},"{value}",suspect,A1,2029-12-31,"{item}"\n' for kind, value in selectors]
    return f"#case: {case}\n#officer: co-1\n" + FACTS.format(marks=marks) + "".join(lines)


def phones(*numbers: str) -> list[tuple[str, str]]:
    return [("phone", number) for number in numbers]


def hold(team: Team, *selectors: tuple[str, str], **facts: str) -> None:
    """Imports these selectors under a case of the team's own."""
    team.import_text("case.csv", case_file(f"{team.name.upper()}-2026-1", *selectors, **facts))


@cache
def _ready(teams: tuple[str, ...], threshold: int, private: tuple[str, ...]) -> tuple[Federation, Path]:
    """A federation that has its keys, as the files it wrote: made once, copied for each test."""
    folder = Path(mkdtemp(prefix="comity-attacks-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    made = Federation(folder, teams, threshold=threshold, private=private)
    for name in made.teams:
        made.stop(name)
    return made, folder


class Copied(Federation):
    """A federation that goes on from copied files, with other chance than the first one had."""

    def __init__(
        self,
        folder: Path,
        teams: Sequence[str] = ("nl", "it", "ro"),
        *,
        threshold: int = 2,
        private: Sequence[str] = (),
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.first, files = _ready(tuple(teams), threshold, tuple(private))
        copytree(files, folder, dirs_exist_ok=True)
        super().__init__(folder, teams, threshold=threshold, private=private, settings=settings)
        self.clock.time = self.first.clock.time

    def make_keys(self, proposer: str) -> None:
        """The files hold them."""

    def _found(self, threshold: int) -> None:
        self.roster, self.fingerprint = self.first.roster, self.first.fingerprint
        self.broker.log_keys = dict(self.first.broker.log_keys)

    def _staff(self, team: Team) -> None:
        team.officers = dict(self.first[team.name].officers)

    def _node(self, name: str) -> Node:
        for _ in range(100):
            self.chance(1)
        return super()._node(name)


def federation(
    folder: Path, held: Mapping[str, Sequence[tuple[str, str]]] | None = None, **settings: Any
) -> Federation:
    """A federation whose teams hold what `held` says, after one ordinary day."""
    made = Copied(folder, **settings)
    for team, selectors in (held or {}).items():
        hold(made[team], *selectors)
    if held:
        made.exchange()
    return made


def the_hit(team: Team) -> dict[str, Any]:
    """The only hit that a team has."""
    (hit,) = team.run("hits")
    assert isinstance(hit, dict)
    return hit


def statement(
    team: Team, message: Message, recipients: Iterable[str], *, lifetime: timedelta = timedelta(days=1)
) -> Envelope:
    """Anything at all, signed with the team's own key."""
    return sign(
        message,
        signer=team.node.keys.signer,
        federation=team.node.settings.federation,
        sender=team.name,
        recipients=list(recipients),
        issued_at=team.clock.now(),
        lifetime=lifetime,
        chance=team.node.chance,
    )


def holdings(team: Team, *but: str) -> dict[str, int]:
    """How many rows each table of a node has, apart from those named: equal means nothing was done."""
    with team.node.store.read() as session:
        return {
            name: int(session.exec(select(func.count()).select_from(table)).one())
            for name, table in records.Hit.metadata.tables.items()
            if name not in but
        }


def logged(team: Team) -> list[str]:
    """Justifications in a team's log, oldest first."""
    return [record["justification"] for record in team.run("log.list", last=1_000)]


def alarms(team: Team) -> list[tuple[str, str]]:
    """Open alarms: code and text, newest first."""
    return [(alarm["code"], alarm["text"]) for alarm in team.run("status")["alarms"]]


class Tapped(NamedTuple):
    """One statement as it went over the wire."""

    source: str
    target: str
    envelope: Envelope


def wiretap(federation: Federation) -> list[Tapped]:
    """Records every statement delivered from now on."""
    heard: list[Tapped] = []

    def listen(team: Team) -> None:
        real = team.node.peers.deliver

        def deliver(target: str, envelope: Envelope) -> bytes:
            heard.append(Tapped(team.name, target, envelope))
            return real(target, envelope)

        setattr(team.node.peers, "deliver", deliver)  # noqa: B010  a method is replaced

    for team in federation.teams.values():
        listen(team)
    return heard


class Guess(NamedTuple):
    """A batch of guesses: the asking side's secrets, and the statement for each holder."""

    batch: threshold.Batch
    name: bytes
    subset: tuple[int, ...]


def normal_input(kind: str, normal_form: str) -> bytes:
    return encode_input(PROFILE, PURPOSE, kind, normal_form)


def share(team: Team, kind: str = "phone", epoch: int = 1) -> threshold.Share:
    """A team's share, read where only the team itself can."""
    with team.node.store.read() as session:
        return share_of(session, team.node, epoch, kind)


def commitments(team: Team, kind: str = "phone") -> threshold.Commitments:
    with team.node.store.read() as session:
        return threshold.Commitments(team.node.key_set(session).commitments(kind))


def true_output(teams: Iterable[Team], number: str, kind: str = "phone") -> bytes:
    """What t teams compute when they break every rule and pool their shares."""
    shares = [share(team, kind) for team in teams]
    subset = tuple(sorted(one.index for one in shares))
    data = normal_input(kind, number)
    point = oprf.hash_input(data, oprf.Mode.VOPRF)
    parts = [threshold.evaluate(one, subset, point) for one in shares]
    total = parts[0]
    for part in parts[1:]:
        total = group.add_each(total, part)
    return oprf.finalize_unblinded(data, total)


def guess(asker: Team, numbers: Sequence[str], holders: Iterable[int], kind: str = "phone") -> Guess:
    """A batch of guesses by a member, blinded, for a subset of holders with its own among them."""
    own = share(asker, kind)
    subset = tuple(sorted({own.index, *holders}))
    inputs = [normal_input(kind, number) for number in numbers]
    batch = threshold.Batch(inputs, subset, commitments(asker, kind), asker.node.chance, own)
    return Guess(batch, asker.node.chance(16), subset)


def question(
    asker: Team,
    made: Guess,
    recipient: str,
    *,
    kind: str = "phone",
    mode: pb.ProofMode.ValueType = pb.PROOF_MODE_DLEQ,
    cases: Sequence[bytes] = (b"case-reference-1",),
) -> Envelope:
    """The signed statement that asks one holder."""
    message = pb.EvaluationBatch(
        batch=made.name,
        epoch=1,
        purpose=PURPOSE,
        kind=kind,
        subset=made.subset,
        blinded=made.batch.elements,
        mode=mode,
        claim=pb.Claim(cases=cases, legal_basis="national act, article 1", offence="thb"),
        opening_root=bytes(32),
    )
    return statement(asker, message, [recipient], lifetime=timedelta(hours=1))


def holder_of(federation: Federation, team: str) -> int:
    return share(federation[team]).index


def quota_used(team: Team, asker: str) -> int:
    """How many evaluations of an asker a team has counted."""
    with team.node.store.read() as session:
        query = select(func.coalesce(func.sum(records.QuotaUse.used), 0)).where(
            records.QuotaUse.asker == asker
        )
        return int(session.exec(query).one())


def published(team: Team, audience: str) -> set[bytes]:
    """Tokens that stand in a team's feed to an audience."""
    with team.node.store.read() as session:
        query = select(records.PublishedToken.token).where(records.PublishedToken.audience == audience)
        return set(session.exec(query).all())
