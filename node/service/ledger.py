"""The node's log: one leaf for every act on data, written in the act's own transaction.

LED Article 25: collection, consultation, alteration, disclosure, combination, erasure; who, when, why,
to whom. Personal data enters as salted commitments only. Leaves are numbered without gaps; writers
are serialised by the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sqlmodel import Session, func, select

from comity.log.merkle import leaf_hash
from comity.log.record import LogRecord, Rule, commit_fresh
from node.records import LogLeaf
from node.service.context import Node


def record(
    session: Session,
    node: Node,
    operation: str,
    *,
    justification: str,
    legal_basis: str,
    subject: str,
    user: str = "node",
    member: str = "",
    recipient: str = "",
    case: str = "",
    offence: str = "",
    subject_category: str = "",
    query_type: str = "",
    result: str = "",
    rules: Mapping[str, str] | None = None,
    decision: str = "",
    decision_id: str = "",
    approvers: Iterable[str] = (),
    statement: str = "",
    content_digest: str = "",
    approval_digest: str = "",
    committed: Mapping[str, bytes] | None = None,
) -> int:
    """Appends one record; returns its index. `committed` values enter as salted commitments only."""
    sealed_names = {name: commit_fresh(value, node.chance) for name, value in (committed or {}).items()}
    entry = LogRecord(
        operation=operation,
        at=node.now(),
        user=user,
        member=member or node.team,
        recipients=(recipient,) if recipient else (),
        justification=justification,
        legal_basis=legal_basis,
        case_reference=case,
        offence=offence,
        subject_category=subject_category,
        query_type=query_type,
        result_id=result,
        rules=tuple(Rule(name, version) for name, version in sorted((rules or {}).items())),
        decision=decision,
        decision_id=decision_id,
        approvers=tuple(approvers),
        statement=statement,
        content_digest=content_digest,
        approval_digest=approval_digest,
        commitments={name: commitment for name, (commitment, _) in sealed_names.items()},
    ).to_bytes()
    index = next_index(session)
    salts = None
    if sealed_names:
        openings = {name: opening.salt.hex() for name, (_, opening) in sealed_names.items()}
        salts = node.vault.seal(session, f"log_leaf/{index}/salts", json.dumps(openings).encode())
    session.add(
        LogLeaf(index=index, record=entry, leaf_hash=leaf_hash(entry), subject=subject, salts_sealed=salts)
    )
    session.flush()
    node.wake("log")
    return index


def next_index(session: Session) -> int:
    """The index of the next leaf: the number of leaves."""
    newest: int | None = session.exec(select(func.max(LogLeaf.index))).one()
    return 0 if newest is None else int(newest) + 1


def leaves_about(session: Session, subject: str) -> list[LogLeaf]:
    """All leaves about one thing, in order."""
    query = select(LogLeaf).where(LogLeaf.subject == subject)
    return sorted(session.exec(query).all(), key=lambda leaf: leaf.index)
