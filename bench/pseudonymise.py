"""What pseudonymisation costs between real nodes: answerer, asker, bytes, and where the time goes.

Three nodes, t = 3: the asker uses its own share and asks the two others over mutual TLS. Every figure is in
raw multiplications (see `bench.raw`), measured in the same process right before and after; processor time
is the whole process's, so threads of gRPC, signatures, quota, log and database are in it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from statistics import median
from types import SimpleNamespace
from typing import Any, NamedTuple

from google.protobuf.message import Message

from bench import nodes
from bench.nodes import Remote
from bench.raw import RawLoop
from comity import group, threshold
from comity.pseudonym import PROFILE, encode_input
from comity.threshold import Weights
from comity.v1 import envelope_pb2
from comity.v1 import pseudonym_pb2 as pb
from node.bootstrap import NodeApp
from node.service import answering, intake, pseudonymise
from node.service.outgoing import sign

KIND = "phone"
FACTS = (
    "#legal basis: art. 8 Wpg",
    "#offence: thb",
    "#exploitation: SEX",
    "#max penalty: 12",
    "#subject: suspect",
    "#child: no",
    "#special: no",
    "#assessment: no",
    "#handling: H0",
    "#evaluation: B2",
    "#crime area: trafficking-in-human-beings",
    "#source: own",
    "#pap: CLEAR",
    "#exposes: no",
    "#held: direct",
    "#judicial: not_needed",
    "#defect: no",
    "#expiry: 2028-12-31",
)
CASE = b"\x01" * 16
MODES: dict[str, Weights | None] = {"audit": Weights.BLINDS, "audit, random": Weights.RANDOM, "dleq": None}


class Answering(NamedTuple):
    """The answerer: raw multiplications a selector costs it, and the shares of that."""

    raw: float
    multiplications: float
    node: float
    transport: float
    per_second_and_core: float


def answerer(federation: dict[str, Remote], size: int, batches: int, rounds: int) -> Answering:
    """Batches in audit mode through `PseudonymService`, processor time of the answering process alone."""
    asker, holder = federation["nl"], federation["it"]
    asker.do(_drive, "it", size, 1)
    whole: list[float] = []
    seconds: list[float] = []
    for _ in range(rounds):
        before, start = holder.do(nodes.raw_unit), holder.do(nodes.processor)
        asker.do(_drive, "it", size, batches)
        spent = holder.do(nodes.processor) - start
        unit = (before + holder.do(nodes.raw_unit)) / 2
        seconds.append(spent / (size * batches))
        whole.append(seconds[-1] / unit)
    statements = asker.do(_statements, "it", size, 2 * rounds)
    parts = holder.do(_answer_here, statements, size)
    raw = median(whole)
    return Answering(
        raw=raw,
        multiplications=parts["multiplications"] / raw,
        node=(parts["answer"] - parts["multiplications"]) / raw,
        transport=(raw - parts["answer"]) / raw,
        per_second_and_core=1 / median(seconds),
    )


def _statements(app: NodeApp, holder: str, size: int, count: int) -> list[bytes]:
    """Signed batches of random elements for one holder."""
    node = app.parts.node
    with node.store.read() as session:
        key_set = node.key_set(session)
    elements = group.multiply_each(range(2, size + 2), group.multiply_base(1) * size)
    batches = (
        pb.EvaluationBatch(
            batch=secrets.token_bytes(16),
            epoch=key_set.epoch,
            purpose=key_set.purpose,
            kind=KIND,
            subset=sorted(key_set.holders),
            blinded=elements,
            mode=pb.PROOF_MODE_AUDIT,
            claim=pb.Claim(cases=[CASE], legal_basis="art. 8", offence="thb"),
            opening_root=secrets.token_bytes(32),
        )
        for _ in range(count)
    )
    return [sign(node, batch, [holder], pseudonymise._LIFETIME).SerializeToString() for batch in batches]


def _drive(app: NodeApp, holder: str, size: int, count: int) -> None:
    """Sends `count` batches to one holder, one after the other."""
    for statement in _statements(app, holder, size, count):
        app.parts.node.peers.evaluate(holder, envelope_pb2.Envelope.FromString(statement))


def _answer_here(app: NodeApp, statements: list[bytes], size: int) -> dict[str, float]:
    """The same work without gRPC: the use case, and the multiplications in it; raw units a selector."""
    node, raw = app.parts.node, RawLoop()
    with node.store.read() as session:
        key_set = node.key_set(session)
        share = answering.share_of(session, node, key_set.epoch, KIND)
    subset = tuple(sorted(key_set.holders))
    seen: dict[str, list[float]] = {"answer": [], "multiplications": []}
    for data in statements:
        statement = envelope_pb2.Envelope.FromString(data)
        elements = pb.EvaluationBatch.FromString(statement.payload).blinded
        jobs: dict[str, Callable[[], object]] = {
            "answer": lambda s=statement: answering.evaluate(node, s, caller="nl"),  # type: ignore[misc]
            "multiplications": lambda e=elements: threshold.evaluate(share, subset, e),  # type: ignore[misc]
        }
        for name, job in jobs.items():
            before, start = raw.seconds(), time.thread_time()
            job()
            spent = time.thread_time() - start
            seen[name].append(spent / size / ((before + raw.seconds()) / 2))
    return {name: median(all_) for name, all_ in seen.items()}


class Asking(NamedTuple):
    """The asker: raw multiplications a selector, by how answers are verified; bytes a selector in audit."""

    raw: dict[str, float]
    request_bytes: float
    answer_bytes: float
    audit_bytes: float


def asker(federation: dict[str, Remote], size: int, rounds: int) -> Asking:
    """Batches from inputs to verified outputs; processor time of the asking process alone."""
    found: Asking = federation["nl"].do(_ask_rounds, size, rounds)
    return found


def _ask_rounds(app: NodeApp, size: int, rounds: int) -> Asking:
    raw = RawLoop()
    seen: dict[str, list[float]] = {name: [] for name in MODES}
    counted = _Counting(app.parts.node.peers)
    with replaced(app.parts.node, "peers", counted):
        _ask(app, size, Weights.BLINDS)
        sizes = {name: count / size for name, count in counted.sizes.items()}
        for _ in range(rounds):
            for name, weights in MODES.items():
                before, start = raw.seconds(), time.process_time()
                _ask(app, size, weights)
                spent = time.process_time() - start
                seen[name].append(spent / size / ((before + raw.seconds()) / 2))
    return Asking(
        raw={name: median(all_) for name, all_ in seen.items()},
        request_bytes=sizes["request"],
        answer_bytes=sizes["answer"],
        audit_bytes=sizes["audit"],
    )


def _ask(app: NodeApp, size: int, weights: Weights | None) -> None:
    """One batch: blind, commit, sign, ask, verify, finalise. The steps are the node's own."""
    node = app.parts.node
    with node.store.read() as session:
        key_set = node.key_set(session)
        share = answering.share_of(session, node, key_set.epoch, KIND)
    first = secrets.randbelow(10**9)
    normals = [f"+3161{first + number:010}" for number in range(size)]
    wanted = [SimpleNamespace(case=CASE, legal_basis="art. 8", offence="thb")] * size
    work: Any = SimpleNamespace(kind=KIND, key_set=key_set, holders=dict(key_set.holders), wanted=wanted)
    inputs = [encode_input(PROFILE, key_set.purpose, KIND, normal) for normal in normals]
    commitments = threshold.Commitments(key_set.commitments(KIND))
    subset, name = tuple(sorted(key_set.holders)), secrets.token_bytes(16)
    batch = threshold.Batch(inputs, subset, commitments, node.chance, share, weights or Weights.BLINDS)
    root = batch.opening_root([CASE] * size)
    request = pseudonymise._request(node, work, batch, name, subset, root)
    request.mode = pb.PROOF_MODE_AUDIT if weights else pb.PROOF_MODE_DLEQ
    pseudonymise._ask_all(node, work, batch, name, request)
    assert len(batch.outputs()) == size


class _Counting:
    """The port to peers, with the bytes of what passes."""

    def __init__(self, peers: Any) -> None:
        self._peers = peers
        self.sizes = {"request": 0, "answer": 0, "audit": 0}

    def evaluate(self, team: str, statement: envelope_pb2.Envelope) -> envelope_pb2.Envelope:
        answer: envelope_pb2.Envelope = self._peers.evaluate(team, statement)
        self._count("request", pb.EvaluateRequest(envelope=statement))
        self._count("answer", pb.EvaluateResponse(envelope=answer))
        return answer

    def audit(self, team: str, statement: envelope_pb2.Envelope) -> envelope_pb2.Envelope:
        answer: envelope_pb2.Envelope = self._peers.audit(team, statement)
        self._count("audit", pb.AuditRequest(envelope=statement))
        self._count("audit", pb.AuditResponse(envelope=answer))
        return answer

    def _count(self, name: str, message: Message) -> None:
        self.sizes[name] += message.ByteSize()


@contextmanager
def replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Puts `value` in the place of an attribute while the block runs."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


class Whole(NamedTuple):
    """A node gives its selectors their pseudonyms: everything, database and gate included."""

    asker_raw: float
    answerers_raw: float
    selectors_per_second: float
    shares: dict[str, float]


def whole(federation: dict[str, Remote], count: int) -> Whole:
    """Imports `count` synthetic phone numbers and runs the operation `pseudonymise` on them."""
    asker, others = federation["nl"], [federation["it"], federation["ro"]]
    asker.do(take_in, case_file(count, region="31"))
    starts = [other.do(nodes.processor) for other in others]
    spent, wall, unit, laps = asker.do(_pseudonymise_all, count)
    answered = sum(other.do(nodes.processor) - start for other, start in zip(others, starts, strict=True))
    return Whole(
        asker_raw=spent / count / unit,
        answerers_raw=answered / count / unit,
        selectors_per_second=count / wall,
        shares={name: seconds / wall for name, seconds in laps.items()},
    )


def case_file(count: int, *, region: str, first: int = 0) -> bytes:
    """A case file of synthetic phone numbers, `+<region> 6 …`, in ten cases of one team."""
    lines = [*FACTS, "kind;value;case"]
    lines += [f"phone;+{region}6{12_000_000 + n:08};CASE-{n % 10}" for n in range(first, first + count)]
    return "\n".join(lines).encode()


def take_in(app: NodeApp, data: bytes) -> tuple[dict[str, Any], float]:
    """Imports a case file; the report and the processor seconds."""
    start = time.process_time()
    *_, last = intake.import_file(app.parts.node, "bench.csv", data)
    return last["result"], time.process_time() - start


STEPS: tuple[tuple[str, Any, str], ...] = (
    ("gate and read", pseudonymise, "_next_work"),
    ("blind", threshold, "Batch"),
    ("commit to what is asked", pseudonymise, "_commit_to_ask"),
    ("wire and answer", pseudonymise, "_call_all"),
    ("verify", threshold.Batch, "accept"),
    ("verify", threshold.Batch, "audit_element"),
    ("verify", threshold.Batch, "accept_audit"),
    ("verify", threshold.Batch, "unblinded"),
    ("verify", threshold.Batch, "outputs"),
    ("store", pseudonymise, "_keep"),
)


def _pseudonymise_all(app: NodeApp, count: int) -> tuple[float, float, float, dict[str, float]]:
    """Processor seconds, wall seconds, the raw unit, and wall seconds by step."""
    raw = RawLoop()
    before, start, began = raw.seconds(), time.process_time(), time.perf_counter()
    with _timed(STEPS) as laps:
        *_, last = pseudonymise.pseudonymise(app.parts.node)
    wall, spent = time.perf_counter() - began, time.process_time() - start
    assert last["result"]["pseudonymised"] == count, last
    laps["everything else"] = wall - sum(laps.values())
    return spent, wall, (before + raw.seconds()) / 2, laps


@contextmanager
def _timed(steps: Iterable[tuple[str, Any, str]]) -> Iterator[dict[str, float]]:
    """Wall seconds of the named functions while the block runs, each without those inside it."""
    laps: dict[str, float] = {}
    stack: list[float] = []
    originals = [(owner, attribute, getattr(owner, attribute)) for _, owner, attribute in steps]

    def timing(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            stack.append(0.0)
            start = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                spent = time.perf_counter() - start
                laps[name] = laps.get(name, 0.0) + spent - stack.pop()
                if stack:
                    stack[-1] += spent

        return timed

    for (name, owner, attribute), (_, _, function) in zip(steps, originals, strict=True):
        setattr(owner, attribute, timing(name, function))
    try:
        yield laps
    finally:
        for owner, attribute, function in originals:
            setattr(owner, attribute, function)
