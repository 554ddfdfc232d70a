"""Answering peers' evaluation batches: claim, quota, signature, log; then the arithmetic.

Recipe for a batch: 1. the statement verifies and its signer is the caller; 2. the sender may have
pseudonyms at all; 3. epoch, purpose, kind and subset fit the key set, the asker is one of the
subset; 4. the claim names a case and a legal basis; 5. the batch was not answered before, or the very
same answer is given again; 6. the asker's quota under this label covers it; 7. quota, log entry and
signed answer are committed; 8. only then the answer leaves.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import cast

from sqlmodel import Session, select

from comity import envelope as envelopes
from comity import threshold
from comity.envelope import MAX_SKEW
from comity.errors import Conflict, Exhausted, Expired, Forbidden, Malformed, NotFound
from comity.keyset import TrustedKeySet
from comity.transport.limits import check as check_limits
from comity.v1 import envelope_pb2
from comity.v1 import pseudonym_pb2 as pb
from node.records import AnsweredBatch, KeyShare, QuotaUse
from node.service import ledger
from node.service.context import Node, raise_alarm
from node.service.incoming import open_statement
from node.service.outgoing import sign

ELEMENT = 32
_LIFETIME = timedelta(days=1)


def evaluate(node: Node, statement: envelope_pb2.Envelope, *, caller: str) -> envelope_pb2.Envelope:
    """Answers one batch of blinded elements under this node's share."""
    with node.store.read() as session:
        batch = cast(pb.EvaluationBatch, _opened(session, node, statement, caller, pb.EvaluationBatch))
        key_set = node.key_set(session, batch.epoch)
        subset = _check_batch(session, node, key_set, batch, caller)
        share = share_of(session, node, batch.epoch, batch.kind)
        if (again := _answered(session, batch, statement)) is not None:
            return again
        _check_quota(session, node, batch, caller)
    evaluated = threshold.evaluate(share, subset, batch.blinded)
    proof = b""
    if batch.mode == pb.PROOF_MODE_DLEQ:
        commitments = threshold.Commitments(key_set.commitments(batch.kind))
        proof = threshold.prove(share, subset, batch.blinded, evaluated, commitments, node.chance)
    with node.store.write() as session:
        if (again := _answered(session, batch, statement)) is not None:
            return again
        left = _spend(session, node, batch, caller)
        answer = sign(
            node,
            pb.EvaluationAnswer(
                batch=batch.batch,
                request_digest=hashlib.sha256(statement.payload).digest(),
                holder=share.index,
                evaluated=evaluated,
                proof=proof,
                quota_left=left,
            ),
            [caller],
            _LIFETIME,
        )
        _note(session, node, batch, statement, caller, answer)
    return answer


def audit(node: Node, statement: envelope_pb2.Envelope, *, caller: str) -> envelope_pb2.Envelope:
    """Evaluates the one audit element of a batch that was answered before, with a proof."""
    with node.store.read() as session:
        element = cast(pb.AuditElement, _opened(session, node, statement, caller, pb.AuditElement))
        row = _known_batch(session, element.batch.hex(), caller)
        key_set = node.key_set(session, row.epoch)
        share = share_of(session, node, row.epoch, row.kind)
        _check_audit_quota(session, node, row, element)
    subset = tuple(int(index) for index in row.subset.split(","))
    commitments = threshold.Commitments(key_set.commitments(row.kind))
    evaluated = threshold.evaluate(share, subset, element.element)
    proof = threshold.prove(share, subset, element.element, evaluated, commitments, node.chance)
    with node.store.write() as session:
        stored = _known_batch(session, row.batch, caller)
        _check_audit_quota(session, node, stored, element)
        if stored.audited:  # an audit element is an evaluation too; a batch's own was counted with it
            _count(session, node, caller, row.epoch, row.kind, 1)
        stored.audited = True
        session.add(stored)
    return sign(
        node,
        pb.AuditAnswer(
            batch=element.batch,
            request_digest=hashlib.sha256(statement.payload).digest(),
            holder=share.index,
            evaluated=evaluated,
            proof=proof,
        ),
        [caller],
        _LIFETIME,
    )


def share_of(session: Session, node: Node, epoch: int, kind: str) -> threshold.Share:
    """This node's share of one key."""
    row = session.get(KeyShare, (epoch, kind))
    if row is None:
        raise NotFound("this node holds no share of that key", field="kind")
    scalar = node.vault.open(session, f"key_share/{epoch}/{kind}", row.scalar_sealed)
    return threshold.Share(row.holder, int.from_bytes(scalar, "little"))


def quota_granted(node: Node, key_set: TrustedKeySet, *, daily: bool) -> int:
    """q = Q(t-1)/(n-1): what one answerer grants, so that rotating subsets gains nothing."""
    whole = node.settings.daily_quota if daily else node.settings.epoch_quota
    return whole * (key_set.threshold - 1) // max(1, len(key_set.holders) - 1)


def _opened(
    session: Session, node: Node, statement: envelope_pb2.Envelope, caller: str, expected: type
) -> pb.EvaluationBatch | pb.AuditElement:
    opened = open_statement(session, node, statement, expected)
    if opened.signer_team != caller:
        raise Forbidden("a team asks in its own name only", field="sender")
    if node.roster(session).team(caller).submit_only:
        raise Forbidden(
            "a submit-only member receives no pseudonyms", field="sender", remedy="send a sealed lead instead"
        )
    _check_clock(node, opened.header.issued_at_ms)
    check_limits(opened.message)
    return cast(pb.EvaluationBatch, opened.message)


def _check_clock(node: Node, issued_at_ms: int) -> None:
    """A question asked now is signed now: a clock that is further off would spoil quota and log."""
    if abs(envelopes.milliseconds(node.now()) - issued_at_ms) > MAX_SKEW / timedelta(milliseconds=1):
        raise Expired(
            "the clocks of the two nodes differ by more than 5 minutes",
            code="wrong-clock",
            field="issued_at_ms",
            remedy="set both clocks by NTP, then ask again",
        )


def _check_batch(
    session: Session, node: Node, key_set: TrustedKeySet, batch: pb.EvaluationBatch, caller: str
) -> tuple[int, ...]:
    holders = node.roster(session).holders
    asker = next((index for index, team in holders.items() if team == caller), None)
    subset = tuple(batch.subset)
    if asker is not None and asker not in subset:
        raise Forbidden("the asker is not one of the subset that answers", field="subset")
    if list(subset) != sorted(set(subset)) or not set(subset) <= set(key_set.holders):
        raise Malformed("the subset is not an ascending list of holders", field="subset")
    if len(subset) != key_set.threshold:
        raise Malformed("the subset does not have exactly t members", field="subset")
    if batch.purpose != key_set.purpose:
        raise Forbidden("there is no key for that purpose", field="purpose")
    if not batch.blinded or len(batch.blinded) % ELEMENT:
        raise Malformed("blinded elements are 32 bytes each", field="blinded")
    if not batch.claim.cases or not batch.claim.legal_basis:
        raise Forbidden(
            "an evaluation needs a case reference and a legal basis",
            field="claim",
            remedy="bind the selector to a case: LED Article 4(4), Prüm II Article 33(2)(a)",
        )
    return subset


def _answered(
    session: Session, batch: pb.EvaluationBatch, statement: envelope_pb2.Envelope
) -> envelope_pb2.Envelope | None:
    row = session.get(AnsweredBatch, batch.batch.hex())
    if row is None:
        return None
    if row.request_digest != hashlib.sha256(statement.payload).hexdigest():
        raise Conflict("another batch was answered under this id", field="batch")
    return envelope_pb2.Envelope.FromString(row.answer or b"")


def _known_batch(session: Session, batch: str, caller: str) -> AnsweredBatch:
    row = session.get(AnsweredBatch, batch)
    if row is None or row.asker != caller:
        raise NotFound("no batch of this asker was answered under that id", field="batch")
    return row


def _used(session: Session, node: Node, asker: str, epoch: int, kind: str) -> tuple[int, int]:
    """What an asker has had evaluated under a label: today, and in the whole epoch."""
    query = select(QuotaUse).where(QuotaUse.asker == asker, QuotaUse.epoch == epoch, QuotaUse.kind == kind)
    by_day = {row.day: row.used for row in session.exec(query).all()}
    return by_day.get(_today(node), 0), sum(by_day.values())


def _today(node: Node) -> str:
    return node.now().date().isoformat()


def _left(session: Session, node: Node, asker: str, epoch: int, kind: str) -> int:
    key_set = node.key_set(session, epoch)
    today, ever = _used(session, node, asker, epoch, kind)
    day = quota_granted(node, key_set, daily=True) - today
    whole = quota_granted(node, key_set, daily=False) - ever
    return max(0, min(day, whole))


def _check_quota(session: Session, node: Node, batch: pb.EvaluationBatch, caller: str) -> int:
    left = _left(session, node, caller, batch.epoch, batch.kind)
    size = _cost(batch)
    if size > left:
        raise Exhausted(
            f"the quota for this kind of selector is used up here: {left} left today",
            field="blinded",
            remedy="wait for the next day, or agree on a larger daily_quota with the other teams",
        )
    return left - size


def _cost(batch: pb.EvaluationBatch) -> int:
    """What a batch takes from the quota: its elements, and the audit element that it will send."""
    return len(batch.blinded) // ELEMENT + (batch.mode == pb.PROOF_MODE_AUDIT)


def _check_audit_quota(session: Session, node: Node, row: AnsweredBatch, element: pb.AuditElement) -> None:
    if len(element.element) != ELEMENT:
        raise Malformed("an audit is one element of 32 bytes", field="element")
    if row.audited and _left(session, node, row.asker, row.epoch, row.kind) < 1:
        raise Exhausted("the quota for this kind of selector is used up here", field="element")


def _spend(session: Session, node: Node, batch: pb.EvaluationBatch, caller: str) -> int:
    left = _check_quota(session, node, batch, caller)
    _count(session, node, caller, batch.epoch, batch.kind, _cost(batch))
    return left


def _count(session: Session, node: Node, asker: str, epoch: int, kind: str, size: int) -> None:
    key = (asker, epoch, kind, _today(node))
    row = session.get(QuotaUse, key) or QuotaUse(
        asker=asker, epoch=epoch, kind=kind, day=_today(node), used=0
    )
    row.used += size
    session.add(row)


def _note(
    session: Session,
    node: Node,
    batch: pb.EvaluationBatch,
    statement: envelope_pb2.Envelope,
    caller: str,
    answer: envelope_pb2.Envelope,
) -> None:
    size = len(batch.blinded) // ELEMENT
    session.add(
        AnsweredBatch(
            batch=batch.batch.hex(),
            asker=caller,
            epoch=batch.epoch,
            kind=batch.kind,
            size=size,
            subset=",".join(str(index) for index in batch.subset),
            request_digest=hashlib.sha256(statement.payload).hexdigest(),
            opening_root=batch.opening_root.hex(),
            claim={
                "cases": [case.hex() for case in batch.claim.cases],
                "legal_basis": batch.claim.legal_basis,
                "offence": batch.claim.offence,
            },
            answered_at=node.now(),
            answer=answer.SerializeToString(),
            audited=batch.mode != pb.PROOF_MODE_AUDIT,  # no audit element was counted with it
        )
    )
    ledger.record(
        session,
        node,
        "consultation",
        member=caller,
        justification=f"pseudonym evaluation of {size} blinded selectors",
        legal_basis=batch.claim.legal_basis,
        case=", ".join(case.hex() for case in batch.claim.cases[:8]),
        offence=batch.claim.offence,
        query_type=batch.kind,
        result=f"batch {batch.batch.hex()} opening root {batch.opening_root.hex()}",
        subject=f"batch:{batch.batch.hex()}",
    )
    _watch(session, node, caller, batch)


def _watch(session: Session, node: Node, caller: str, batch: pb.EvaluationBatch) -> None:
    granted = quota_granted(node, node.key_set(session, batch.epoch), daily=True)
    row = session.get(QuotaUse, (caller, batch.epoch, batch.kind, _today(node)))
    used = row.used if row else 0
    if granted and used * 10 >= granted * 8 and (used - _cost(batch)) * 10 < granted * 8:
        raise_alarm(
            session,
            node,
            "warning",
            "quota-burn",
            f"{caller} has used 80 % of today's quota for {batch.kind}",
        )
