"""Pseudonymising own selectors with t key holders: blind, ask, verify, keep.

Recipe for a batch: 1. the gate permits each selector's evaluation (a case, a legal basis, not
expired); 2. a subset of t holders, own share included, rotating over the peers so that none carries
all; 3. the commitment to what is asked is kept, sealed, before anything is sent; 4. the holders are
asked at once; one that is down is replaced, one that lies is named and replaced; 5. nothing is used
before the whole batch is verified; 6. outputs, own tokens and new hits are committed together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import combinations
from typing import Any, NamedTuple

from sqlmodel import Session, col, select

from comity import threshold
from comity.envelope import open_envelope
from comity.errors import ComityError, Conflict, Exhausted, Unavailable
from comity.keyset import TrustedKeySet
from comity.pseudonym import PROFILE, encode_input
from comity.v1 import envelope_pb2
from comity.v1 import pseudonym_pb2 as pb
from node.records import AskedBatch, Selector, SelectorRecord
from node.service import gate, matching
from node.service.answering import quota_granted, share_of
from node.service.context import Node, raise_alarm
from node.service.outgoing import sign
from policy import Action

BATCH = 1_000
_LIFETIME = timedelta(hours=1)
_CLAIM_CASES = 64


class _Wanted(NamedTuple):
    selector: int
    normal: str
    case: bytes
    legal_basis: str
    offence: str


class _Work(NamedTuple):
    kind: str
    key_set: TrustedKeySet
    holders: dict[int, str]
    share: threshold.Share | None
    wanted: list[_Wanted]
    # Selectors that the gate refused on the way, and the last one that was looked at.
    withheld: list[int]
    last: int


def pending(session: Session, node: Node) -> dict[str, int]:
    """Selectors that still lack a pseudonym of the newest epoch, by kind."""
    epoch = node.key_set(session).epoch
    query = select(Selector.kind, Selector.id).where(Selector.epoch < epoch, Selector.normal_sealed != b"")
    counts: dict[str, int] = {}
    for kind, _ in session.exec(query).all():
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def pseudonymise(node: Node) -> Iterator[dict[str, Any]]:
    """Gives every permitted selector its pseudonym of the newest epoch; yields progress, then the report.

    A kind that ends early (the quota is used up, too few holders answer, or answer truly) is reported
    with its error under `stopped`; what was verified is kept, and a repetition goes on from there.
    """
    with node.alone("pseudonymise"):  # a second one would ask, and pay, for the same selectors
        yield from _all_kinds(node)


def _all_kinds(node: Node) -> Iterator[dict[str, Any]]:
    done, withheld = 0, 0
    with node.store.read() as session:
        kinds = sorted(pending(session, node))
    stopped: dict[str, dict[str, str | None]] = {}
    for kind in kinds:
        seen, refused = 0, set[int]()
        while True:
            with node.store.write() as session:
                work = _next_work(session, node, kind, seen)
            refused.update(work.withheld)
            if not work.wanted:
                break
            try:
                work = _evaluate_within_quota(node, work)
            except ComityError as error:
                stopped[kind] = error.as_dict()
                break
            seen = work.last
            done += len(work.wanted)
            yield {"done": done, "total": None, "what": f"pseudonyms ({kind})"}
        withheld += len(refused)
    report: dict[str, Any] = {"pseudonymised": done, "withheld": withheld}
    yield {"result": {**report, "stopped": stopped} if stopped else report}


def _evaluate_within_quota(node: Node, work: _Work) -> _Work:
    """Evaluates as much of the beginning of a batch as the holders' quota allows; returns what it did."""
    while True:
        try:
            _evaluate(node, work)
            return work
        except Exhausted:
            if len(work.wanted) == 1:
                raise
        half = work.wanted[: len(work.wanted) // 2]
        work = work._replace(wanted=half, last=half[-1].selector)


def _next_work(session: Session, node: Node, kind: str, after: int) -> _Work:
    """The next batch of a kind: selectors beyond `after` that the gate permits."""
    key_set = node.key_set(session)
    wanted: list[_Wanted] = []
    withheld: list[int] = []
    last = after
    while not wanted and (selectors := _selectors(session, node, key_set, kind, last)):
        last = _sort_out(session, node, selectors, wanted, withheld)
    holders = dict(key_set.holders)
    mine = next((index for index, team in holders.items() if team == node.team), None)
    share = share_of(session, node, key_set.epoch, kind) if wanted and mine is not None else None
    return _Work(kind, key_set, holders, share, wanted, withheld, last)


def _selectors(
    session: Session, node: Node, key_set: TrustedKeySet, kind: str, after: int
) -> Sequence[Selector]:
    """As many selectors as one batch may hold: what a holder grants in a day is the most it can answer."""
    granted = quota_granted(node, key_set, daily=True) - 1  # one for the audit element
    query = select(Selector).where(
        Selector.kind == kind,
        Selector.epoch < key_set.epoch,
        Selector.normal_sealed != b"",
        col(Selector.id) > after,
    )
    return session.exec(query.order_by(col(Selector.id)).limit(max(1, min(BATCH, granted)))).all()


def _sort_out(
    session: Session, node: Node, selectors: Sequence[Selector], wanted: list[_Wanted], withheld: list[int]
) -> int:
    """Adds each selector to what is wanted or withheld; returns the last one that was looked at."""
    records = _records(session, selectors)
    verdicts = gate.Verdicts(session, node, Action.EVALUATE, node.team)
    cases: set[bytes] = set()
    last = 0
    for selector in selectors:
        number = selector.id or 0
        found = _permitted(session, node, selector, records.get(number, []), verdicts)
        if found is None:
            withheld.append(number)
        elif len(cases | {found.case}) > _CLAIM_CASES:
            break
        else:
            cases.add(found.case)
            wanted.append(found)
        last = number
    return last


def _records(session: Session, selectors: Sequence[Selector]) -> dict[int, list[SelectorRecord]]:
    """The live records of each selector, the oldest first."""
    query = select(SelectorRecord).where(
        col(SelectorRecord.selector_id).in_([selector.id for selector in selectors]),
        SelectorRecord.state == "live",
    )
    records: dict[int, list[SelectorRecord]] = {}
    for record in session.exec(query.order_by(col(SelectorRecord.created_at))).all():
        records.setdefault(record.selector_id, []).append(record)
    return records


def _permitted(
    session: Session,
    node: Node,
    selector: Selector,
    records: Iterable[SelectorRecord],
    verdicts: gate.Verdicts,
) -> _Wanted | None:
    """The binding under which this selector may be asked about, if there is one."""
    for record in records:
        if verdicts.of(record).permitted and record.case_id:
            where = f"selector/{selector.digest.hex()}/normal"
            return _Wanted(
                selector=selector.id or 0,
                normal=node.vault.open(session, where, selector.normal_sealed).decode(),
                case=node.vault.digest("claim", record.case_id.encode())[:16],
                legal_basis=record.facts.get("legal_basis", ""),
                offence=record.facts.get("offence", ""),
            )
    return None


def _evaluate(node: Node, work: _Work) -> None:
    """One verified batch; tries other subsets when holders are down, spent or lying."""
    excluded: set[int] = set()
    spent = False
    last: ComityError = Unavailable("fewer than t key holders can be asked", remedy="try again later")
    for subset in _subsets(node, work):
        if excluded & set(subset):
            continue
        try:
            _evaluate_with(node, work, subset)
            return
        except threshold.WrongShare as lie:
            for holder in lie.holders:
                excluded.add(holder)
                _name(node, work, holder)
            last = lie
        except _Holder as failed:
            excluded.add(failed.index)
            last = failed.cause
            spent = spent or isinstance(last, Exhausted)
    if spent and not isinstance(last, Exhausted):
        raise Exhausted(
            "the quota is used up at some key holders, and others do not answer", remedy="try again later"
        ) from last
    raise last


class _Holder(Exception):
    """One holder could not answer: which, and why."""

    def __init__(self, index: int, cause: ComityError) -> None:
        super().__init__(str(cause))
        self.index = index
        self.cause = cause


def _subsets(node: Node, work: _Work) -> list[tuple[int, ...]]:
    """All subsets of t holders that contain this node, in an order that rotates by batch."""
    mine = () if work.share is None else (work.share.index,)
    others = [index for index in work.holders if index not in mine]
    start = int.from_bytes(node.chance(2), "big") % max(1, len(others))
    turned = others[start:] + others[:start]
    needed = work.key_set.threshold - len(mine)
    return [tuple(sorted((*mine, *chosen))) for chosen in combinations(turned, needed)][:64]


def _evaluate_with(node: Node, work: _Work, subset: tuple[int, ...]) -> None:
    inputs = [encode_input(PROFILE, work.key_set.purpose, work.kind, wanted.normal) for wanted in work.wanted]
    commitments = threshold.Commitments(work.key_set.commitments(work.kind))
    batch = threshold.Batch(inputs, subset, commitments, node.chance, work.share)
    cases = [wanted.case for wanted in work.wanted]
    name = node.chance(16)
    root = batch.opening_root(cases)
    _commit_to_ask(node, work, batch, name, subset, root)
    request = _request(node, work, batch, name, subset, root)
    _ask_all(node, work, batch, name, request)
    _keep(node, work, batch, name)


def _request(
    node: Node,
    work: _Work,
    batch: threshold.Batch,
    name: bytes,
    subset: tuple[int, ...],
    root: bytes,
) -> pb.EvaluationBatch:
    cases = list(dict.fromkeys(wanted.case for wanted in work.wanted))
    audit = node.settings.proof_mode == "audit"
    return pb.EvaluationBatch(
        batch=name,
        epoch=work.key_set.epoch,
        purpose=work.key_set.purpose,
        kind=work.kind,
        subset=subset,
        blinded=batch.elements,
        mode=pb.PROOF_MODE_AUDIT if audit else pb.PROOF_MODE_DLEQ,
        claim=pb.Claim(cases=cases, legal_basis=work.wanted[0].legal_basis, offence=work.wanted[0].offence),
        opening_root=root,
    )


def _ask_all(
    node: Node, work: _Work, batch: threshold.Batch, name: bytes, request: pb.EvaluationBatch
) -> None:
    with ThreadPoolExecutor(max_workers=max(1, len(batch.others))) as pool:
        statements = {
            holder: sign(node, request, [work.holders[holder]], _LIFETIME) for holder in batch.others
        }
        answers = _call_all(pool, node, work, statements, audit=False)
        for holder, answer in answers.items():
            batch.accept(holder, answer.evaluated, answer.proof)
        if request.mode == pb.PROOF_MODE_AUDIT and batch.others:
            element = pb.AuditElement(batch=name, element=batch.audit_element())
            statements = {
                holder: sign(node, element, [work.holders[holder]], _LIFETIME) for holder in batch.others
            }
            for holder, answer in _call_all(pool, node, work, statements, audit=True).items():
                batch.accept_audit(holder, answer.evaluated, answer.proof)


def _call_all(
    pool: ThreadPoolExecutor,
    node: Node,
    work: _Work,
    statements: dict[int, envelope_pb2.Envelope],
    *,
    audit: bool,
) -> dict[int, Any]:
    calls = {
        holder: pool.submit(_call, node, work.holders[holder], statement, audit)
        for holder, statement in statements.items()
    }
    answers: dict[int, Any] = {}
    failure: _Holder | None = None
    for holder, call in calls.items():
        try:
            answers[holder] = call.result()
            if answers[holder].holder != holder:
                raise Conflict("the answer comes from another holder", field="holder")
        except ComityError as error:
            failure = failure or _Holder(holder, error)
    if failure is not None:
        raise failure
    return answers


def _call(node: Node, team: str, statement: envelope_pb2.Envelope, audit: bool) -> Any:
    answer = node.peers.audit(team, statement) if audit else node.peers.evaluate(team, statement)
    with node.store.read() as session:
        roster = node.roster(session)
    return open_answer(
        node, roster, team, statement, answer, pb.AuditAnswer if audit else pb.EvaluationAnswer
    )


def _commit_to_ask(
    node: Node, work: _Work, batch: threshold.Batch, name: bytes, subset: tuple[int, ...], root: bytes
) -> None:
    opening = json.dumps(
        [
            [wanted.selector, format(blind, "064x"), wanted.case.hex()]
            for wanted, blind in zip(work.wanted, batch.blinds, strict=True)
        ]
    ).encode()
    with node.store.write() as session:
        session.add(
            AskedBatch(
                batch=name.hex(),
                epoch=work.key_set.epoch,
                kind=work.kind,
                size=len(work.wanted),
                subset=",".join(str(index) for index in subset),
                opening_root=root.hex(),
                opening_sealed=node.vault.seal(session, f"asked_batch/{name.hex()}/opening", opening),
                asked_at=node.now(),
            )
        )


def _keep(node: Node, work: _Work, batch: threshold.Batch, name: bytes) -> None:
    outputs, elements = batch.outputs(), batch.unblinded()
    with node.store.write() as session:
        fresh: list[tuple[int, bytes]] = []
        asked_for = col(Selector.id).in_([wanted.selector for wanted in work.wanted])
        selectors = {selector.id: selector for selector in session.exec(select(Selector).where(asked_for))}
        for wanted, output, element in zip(work.wanted, outputs, elements, strict=True):
            selector = selectors.get(wanted.selector)
            if selector is None or not selector.normal_sealed:  # erased while the holders were asked
                continue
            where = f"selector/{selector.digest.hex()}"
            selector.output_sealed = node.vault.seal(session, f"{where}/output", output)
            selector.element_sealed = node.vault.seal(session, f"{where}/element", element)
            selector.epoch = work.key_set.epoch
            session.add(selector)
            fresh.append((wanted.selector, output))
        asked = session.get(AskedBatch, name.hex())
        if asked is not None:
            asked.state = "verified"
            session.add(asked)
        matching.derive(session, node, work.key_set.epoch, fresh)
        matching.match_own(session, node, [selector for selector, _ in fresh])


def _name(node: Node, work: _Work, holder: int) -> None:
    team = work.holders.get(holder, "?")
    with node.store.write() as session:
        raise_alarm(
            session,
            node,
            "critical",
            "wrong-share",
            f"{team} answered a batch with a wrong share: nothing of it was used",
        )


def open_answer(
    node: Node,
    roster: Any,
    team: str,
    statement: envelope_pb2.Envelope,
    answer: envelope_pb2.Envelope,
    kind: Any,
) -> Any:
    """Verifies that `team` signed this answer to exactly this request."""
    opened = open_envelope(
        answer,
        keys=roster.by_signing_key,
        federation=node.settings.federation,
        me=node.team,
        now=node.now(),
        expected=kind,
    )
    if opened.signer_team != team:
        raise Conflict("the answer is signed by another team", field="sender")
    if opened.message.request_digest != hashlib.sha256(statement.payload).digest():
        raise Conflict("the answer belongs to another request", field="request_digest")
    return opened.message
