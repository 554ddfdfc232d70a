"""Requests for information after a hit: asked by an officer, judged on arrival at the other side.

An outgoing request is judged by our own law before it leaves (Directive (EU) 2023/977, Article 4). An
incoming one is stored with its decision and its deadline; nothing is answered by the arrival itself.
"""

from __future__ import annotations

import hashlib
from typing import Any

from google.protobuf.message import Message
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from comity.errors import Forbidden, Malformed, NotFound
from comity.officer import check_approval
from comity.v1 import delivery_pb2, envelope_pb2
from node.flow.facts import party, policy_offence
from node.records import Hit, InformationRequestRow
from node.service import clocks, deciding, ledger, officers
from node.service.context import Node
from node.service.gate import PURPOSE
from node.service.incoming import handles
from node.service.matching import named
from node.service.outgoing import send
from node.service.stated import body_of, get_request, request_facts, seal_body
from policy import Action, Proposal, decide

ROLE = "R-LO"


class Ask(BaseModel):
    """What an officer states in a request. Every field is one that Article 4(5) or the law asks for."""

    model_config = ConfigDict(extra="forbid")

    request: str = Field(pattern=r"^[0-9a-f]{32}$", description="id, chosen by the caller")
    hit: str = Field(pattern=r"^[0-9a-f]{32}$")
    items: list[str] = Field(min_length=1, max_length=32, description="Annex II.B categories, or * for all")
    purpose: str = PURPOSE
    offence: str = Field(default="thb", max_length=64)
    legal_basis: str = Field(default="", max_length=256)
    case_reference: str = Field(default="", max_length=128)
    facts: str = Field(default="", max_length=4000)
    link: str = Field(default="", max_length=2000)
    urgency: str = Field(default="", pattern=r"^(U[1-4])?$")
    urgency_reasons: str = Field(default="", max_length=2000)
    access: str = Field(default="direct", pattern=r"^(direct|indirect)$")
    use: str = Field(default="intel", pattern=r"^(intel|evidence)$")
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    via_spoc: bool = True
    exception: str = Field(default="", pattern=r"^[abc]?$", description="Article 13(2): a, b or c")
    subject_category: str = Field(default="", max_length=32)


def message_of(ask: Ask) -> delivery_pb2.InformationRequest:
    """The request as it travels, not signed yet."""
    return delivery_pb2.InformationRequest(
        request=bytes.fromhex(ask.request),
        hit=bytes.fromhex(ask.hit),
        instrument="2023/977",
        purpose=ask.purpose,
        offence=ask.offence,
        legal_basis=ask.legal_basis,
        case_reference=ask.case_reference,
        facts=ask.facts,
        link=ask.link,
        items=ask.items,
        urgency_ground=ask.urgency,
        urgency_reasons=ask.urgency_reasons,
        access=ask.access,
        use=ask.use,
        language=ask.language,
        via_spoc=ask.via_spoc,
        exception_channel=ask.exception,
        subject_category=ask.subject_category,
    )


def digest_of(message: delivery_pb2.InformationRequest) -> bytes:
    """SHA-256 over the request without its signature: what the officer signs."""
    bare = delivery_pb2.InformationRequest()
    bare.CopyFrom(message)
    bare.ClearField("officer")
    return hashlib.sha256(b"comity request v1" + bare.SerializeToString(deterministic=True)).digest()


def draft(node: Node, ask: Ask) -> dict[str, Any]:
    """Judges a request by our own law and gives the digest to sign; sends nothing."""
    with node.store.read() as session:
        hit = _own_hit(session, ask.hit)
        message = message_of(ask)
        decision = decide(_outgoing(session, node, hit, ask))
        verdict = decision.act
        return {
            "request": ask.request,
            "to": hit.peer,
            "digest": digest_of(message).hex(),
            "role": ROLE,
            "permitted": verdict.permitted,
            "reasons": [f.sentence for f in verdict.findings if str(f.effect) in ("deny", "ask")],
            "way_out": verdict.way_out,
            "missing": sorted({name.removeprefix("request.") for name in verdict.asks}),
        }


def send_request(node: Node, ask: Ask, signature: bytes) -> dict[str, Any]:
    """Sends a signed request, once; after a question of the provider, the clarified request again."""
    signed = delivery_pb2.OfficerSignature.FromString(signature)
    message = message_of(ask)
    with node.store.write() as session:
        known = session.get(InformationRequestRow, ask.request)
        if known is not None and (known.state != "clarify" or known.hit_id != ask.hit):
            return _view(known)
        hit = _own_hit(session, ask.hit)
        officer = officers.check_own(session, node, signed, digest_of(message), ROLE)
        verdict = decide(_outgoing(session, node, hit, ask)).act
        if not verdict.permitted:
            missing = ", ".join(verdict.asks)
            raise Forbidden(
                f"the request would not stand: {missing or verdict.ground}",
                code="request-defective",
                field=verdict.asks[0] if verdict.asks else "request",
                remedy=verdict.way_out,
            )
        message.officer.CopyFrom(signed)
        body = seal_body(session, node, ask.request, message)
        row = known or InformationRequestRow(
            id=ask.request,
            direction="out",
            peer=hit.peer,
            hit_id=hit.id,
            at=node.now(),
            body_sealed=body,
        )
        row.officer, row.body_sealed, row.state = officer.officer, body, "open"
        session.add(row)
        digest = send(session, node, message, hit.peer)
        ledger.record(
            session,
            node,
            "consultation",
            user=officer.officer,
            member=node.team,
            recipient=hit.peer,
            justification=f"request for information after a hit, urgency {ask.urgency or 'none'}",
            legal_basis="Directive (EU) 2023/977 Article 4; " + ask.legal_basis,
            case=hashlib.sha256(ask.case_reference.encode()).hexdigest()[:16] if ask.case_reference else "",
            offence=ask.offence,
            query_type=hit.kind,
            result=f"request {ask.request}",
            statement=digest,
            subject=f"request:{ask.request}",
        )
        return _view(row)


@handles(delivery_pb2.InformationRequest)
def on_request(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Stores a peer's request with its decision and deadline."""
    assert isinstance(message, delivery_pb2.InformationRequest)
    name = message.request.hex()
    known = session.get(InformationRequestRow, name)
    if known is not None and not _is_clarification(known, sender, message):
        raise Malformed("another request has this id", field="request")
    officer = check_approval(
        message.officer,
        digest_of(message),
        roster=node.roster(session),
        team=sender,
        required_role=ROLE,
        now=node.now(),
    )
    hit = named(session, sender, message.hit)
    if hit is None:
        raise Forbidden("there is no such hit between our teams", field="hit")
    if hit.state in ("false", "withdrawn"):
        raise Forbidden(f"this hit is {hit.state}: nothing can be asked on it", field="hit")
    body = seal_body(session, node, name, message)
    row = known or InformationRequestRow(
        id=name, direction="in", peer=sender, hit_id=hit.id, at=node.now(), body_sealed=body
    )
    row.officer, row.body_sealed = officer.officer, body
    session.add(row)
    session.flush()
    if known is not None:
        clocks.clarified(session, node, row)
    decision = deciding.judge(session, node, row)
    if decision.deadline is not None:
        clocks.start(node, row, decision.deadline)
    session.add(row)
    ledger.record(
        session,
        node,
        "consultation",
        member=sender,
        justification=f"request received, urgency {message.urgency_ground or 'none'}; not answered yet",
        legal_basis="Directive (EU) 2023/977 Article 4; " + message.legal_basis,
        offence=message.offence,
        query_type=hit.kind,
        result=f"request {name}",
        decision=str(decision.outcome),
        rules=decision.rules,
        subject=f"request:{name}",
    )


def _is_clarification(
    known: InformationRequestRow, sender: str, message: delivery_pb2.InformationRequest
) -> bool:
    """The same request again, after a question of ours: same team, same hit, and the question is open."""
    same = (known.direction, known.peer, known.hit_id) == ("in", sender, message.hit.hex())
    return same and known.state == "clarify"


def listing(session: Session, node: Node) -> list[dict[str, Any]]:
    """All requests, newest first: who, what kind, urgency, deadline, state."""
    rows = session.exec(select(InformationRequestRow).order_by(col(InformationRequestRow.at).desc())).all()
    return [_view(row) for row in rows]


def show(session: Session, node: Node, name: str) -> dict[str, Any]:
    """One request with all that was stated in it."""
    row = get_request(session, name)
    message = body_of(session, node, row)
    stated = {
        "purpose": message.purpose,
        "offence": message.offence,
        "legal_basis": message.legal_basis,
        "case_reference": message.case_reference,
        "facts": message.facts,
        "link": message.link,
        "items": list(message.items),
        "urgency": message.urgency_ground,
        "urgency_reasons": message.urgency_reasons,
        "use": message.use,
        "exception": message.exception_channel,
    }
    return {**_view(row), "stated": stated}


def _outgoing(session: Session, node: Node, hit: Hit, ask: Ask) -> Proposal:
    roster = node.roster(session)
    us, them = roster.team(node.team), roster.team(hit.peer)
    return Proposal(
        action=Action.REQUEST,
        now=node.now(),
        provider=party(them.team, them.state, them.member_class),
        requester=party(us.team, us.state, us.member_class),
        request=request_facts(message_of(ask), node.now()),
        case_reference=ask.case_reference or None,
        legal_basis=ask.legal_basis or None,
        purpose=ask.purpose or None,
        offence=policy_offence({"offence": ask.offence}),
        national=node.settings.state.lower() or None,
    )


def _own_hit(session: Session, name: str) -> Hit:
    hit = session.get(Hit, name)
    if hit is None:
        raise NotFound("there is no such hit", field="hit", remedy="comity-node hits")
    if hit.state in ("false", "withdrawn"):
        raise Forbidden(f"this hit is {hit.state}: nothing can be asked on it", field="hit")
    return hit


def _view(row: InformationRequestRow) -> dict[str, Any]:
    return {
        "request": row.id,
        "direction": row.direction,
        "peer": row.peer,
        "hit": row.hit_id,
        "state": row.state,
        "at": row.at.isoformat(),
        "due_at": row.due_at.isoformat() if row.due_at else None,
        "deadline": row.deadline,
        "officer": row.officer,
        "answer": row.answer,
    }
