"""Withdrawal, correction, erasure, feedback: they travel the same roads as what they undo.

A withdrawn or erased record leaves every feed at the next publication, its hits are marked, and
everybody who received something of it gets a recall and confirms it (LED Articles 7(3), 16(5)-(6)).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import Message
from sqlmodel import Session, col, delete, select

from comity.envelope import instant, read_header
from comity.errors import Conflict, NotFound
from comity.seal import open_box, seal
from comity.v1 import delivery_pb2, envelope_pb2
from node.flow.answer import conditions
from node.records import (
    DataItemRow,
    Disclosure,
    Hit,
    HitRecord,
    InformationRequestRow,
    OwnToken,
    RecallRow,
    ReceivedItem,
    Selector,
    SelectorRecord,
)
from node.service import ledger
from node.service.context import Node, raise_alarm
from node.service.incoming import handles
from node.service.intake import data_key
from node.service.matching import named
from node.service.outgoing import send

_VERDICTS = {
    "confirmed": delivery_pb2.FEEDBACK_VERDICT_CONFIRMED,
    "false": delivery_pb2.FEEDBACK_VERDICT_FALSE,
    "withdrawn": delivery_pb2.FEEDBACK_VERDICT_WITHDRAWN,
}
_WORDS = {number: word for word, number in _VERDICTS.items()}


def withdraw(node: Node, record: str, reason: str, officer: str) -> dict[str, Any]:
    """Takes a selector record out of matching; what was learnt by it is recalled."""
    return _end(node, record, "withdrawn", reason, officer)


def erase(node: Node, record: str, reason: str, officer: str) -> dict[str, Any]:
    """Erases a selector record with its items; the log keeps that it happened, not what it was."""
    return _end(node, record, "erased", reason, officer)


def _end(node: Node, record: str, state: str, reason: str, officer: str) -> dict[str, Any]:
    with node.store.write() as session:
        row = _record(session, record)
        if row.state == state:
            return {"record": row.id, "state": row.state, "recalls": []}
        row.state = state
        session.add(row)
        items = session.exec(select(DataItemRow).where(DataItemRow.record_id == row.id)).all()
        recalls = _recall(session, node, [item.id for item in items], state, None)
        if state == "erased":
            _forget(session, node, row, items)
        tell_hits(session, node, row)
        ledger.record(
            session,
            node,
            "erasure" if state == "erased" else "alteration",
            user=officer,
            justification=f"record {state}: {reason}",
            legal_basis="LED Articles 7(3), 16(2), 16(5)-(6)",
            result=f"record {row.id}",
            subject=f"record:{row.id}",
        )
    node.wake("publish-due")
    return {"record": row.id, "state": state, "recalls": recalls}


def correct(node: Node, item: str, value: str, reason: str, officer: str) -> dict[str, Any]:
    """Corrects a data item; every recipient gets the right value under the old conditions."""
    with node.store.write() as session:
        row = session.get(DataItemRow, item)
        if row is None or row.state == "erased":
            raise NotFound("there is no such item", field="item", remedy="comity-node items RECORD")
        record = _record(session, row.record_id)
        where = f"data_item/{row.id}/value"
        row.value_sealed = node.vault.seal(session, where, value.encode(), data_key(record.case_id))
        row.state = "corrected"
        row.facts = {**row.facts, "defect": ""}
        session.add(row)
        session.flush()
        recalls = _recall(session, node, [row.id], "corrected", row)
        ledger.record(
            session,
            node,
            "alteration",
            user=officer,
            justification=f"item corrected: {reason}",
            legal_basis="LED Articles 7(3), 16(1), 16(5)-(6)",
            result=f"item {row.id}",
            subject=f"record:{row.record_id}",
        )
    return {"item": item, "state": "corrected", "recalls": recalls}


def feedback(node: Node, hit: str, verdict: str, officer: str) -> dict[str, Any]:
    """A person's verdict on a hit; the other side is told, and a false hit is suppressed at both ends."""
    with node.store.write() as session:
        row = session.get(Hit, hit)
        if row is None:
            raise NotFound("there is no such hit", field="hit", remedy="comity-node hits")
        if row.state == verdict:
            return {"hit": hit, "state": row.state}
        if row.state == "withdrawn":
            raise Conflict("this hit was withdrawn: there is nothing to judge", field="hit")
        row.state, row.judged_at = verdict, node.now()
        session.add(row)
        message = delivery_pb2.HitFeedback(hit=bytes.fromhex(hit), verdict=_VERDICTS[verdict])
        send(session, node, message, row.peer)
        ledger.record(
            session,
            node,
            "alteration",
            user=officer,
            recipient=row.peer,
            justification=f"hit judged by a person: {verdict}",
            legal_basis="LED Articles 7(2), 11(1)",
            result=f"hit {hit}",
            subject=f"hit:{hit}",
        )
    return {"hit": hit, "state": verdict}


@handles(delivery_pb2.HitFeedback)
def on_feedback(
    session: Session, node: Node, sender: str, message: Message, statement: envelope_pb2.Envelope
) -> None:
    """The other side's verdict: a false or withdrawn hit is suppressed here too; false outlives withdrawn."""
    assert isinstance(message, delivery_pb2.HitFeedback)
    row = named(session, sender, message.hit)
    verdict = _WORDS.get(message.verdict)
    if row is None or verdict is None:
        return
    said_at = instant(read_header(statement).issued_at_ms)
    newer = row.judged_at is None or said_at >= row.judged_at
    if verdict == "false" or (verdict == "withdrawn" and row.state != "false" and newer):
        row.state, row.judged_at = verdict, said_at
        session.add(row)
    ledger.record(
        session,
        node,
        "alteration",
        member=sender,
        justification=f"feedback of the other side: {verdict}",
        legal_basis="LED Article 7(2)",
        result=f"hit {row.id}",
        subject=f"hit:{row.id}",
    )


@handles(delivery_pb2.Recall)
def on_recall(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Does what a provider asks of what it gave: erase or correct, then confirm.

    What came by SIENA is not here: a person is told to do the same there.
    """
    assert isinstance(message, delivery_pb2.Recall)
    fixed = _fixed_values(node, sender, message)
    _ask_person(session, node, sender, message)
    for disclosure in message.disclosures:
        for item in message.items:
            row = session.get(ReceivedItem, (disclosure.hex(), item))
            if row is None or row.provider != sender:
                continue
            where = f"received_item/{row.disclosure_id}/{row.item}"
            text = fixed.get(item)
            if row.state in ("recalled", "erased") or (text is None and message.reason == "corrected"):
                continue
            row.state = "corrected" if text is not None else "recalled"
            row.value_sealed = node.vault.seal(session, where, (text or "").encode())
            session.add(row)
    session.merge(
        RecallRow(
            id=message.recall.hex(),
            direction="in",
            peer=sender,
            reason=message.reason,
            disclosures=[one.hex() for one in message.disclosures],
            items=list(message.items),
            at=node.now(),
            confirmed_at=node.now(),
        )
    )
    receipt = delivery_pb2.RecallReceipt(recall=message.recall, done_at_ms=int(node.now().timestamp() * 1000))
    send(session, node, receipt, sender)
    ledger.record(
        session,
        node,
        "erasure" if message.reason != "corrected" else "alteration",
        member=sender,
        justification=f"recall of the provider carried out: {message.reason}",
        legal_basis="LED Article 16(6)",
        result=f"recall {message.recall.hex()}",
        subject=f"recall:{message.recall.hex()}",
    )


@handles(delivery_pb2.RecallReceipt)
def on_recall_receipt(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """A holder confirmed a recall."""
    assert isinstance(message, delivery_pb2.RecallReceipt)
    row = session.get(RecallRow, message.recall.hex())
    if row is not None and row.peer == sender and row.direction == "out":
        row.confirmed_at = node.now()
        session.add(row)


def recalls(session: Session) -> list[dict[str, Any]]:
    """All recalls, and who has not confirmed yet."""
    rows = session.exec(select(RecallRow).order_by(col(RecallRow.at))).all()
    return [
        {
            "recall": row.id,
            "direction": row.direction,
            "peer": row.peer,
            "reason": row.reason,
            "items": len(row.items),
            "confirmed_at": row.confirmed_at.isoformat() if row.confirmed_at else None,
        }
        for row in rows
    ]


def records(node: Node) -> list[dict[str, Any]]:
    """Own selector records with their state, as typed, for the team's own eyes."""
    with node.store.read() as session:
        query = select(SelectorRecord, Selector).join(
            Selector, col(Selector.id) == col(SelectorRecord.selector_id)
        )
        rows = session.exec(query.order_by(col(SelectorRecord.created_at))).all()
        return [
            {
                "record": row.id,
                "kind": selector.kind,
                "value": _display(session, node, row),
                "state": row.state,
                "case": row.case_id,
                "subject": row.facts.get("subject_category"),
                "expires": row.expires_on,
                "source": row.source.partition(":")[2],
                "pseudonym": selector.epoch > 0,
            }
            for row, selector in rows
        ]


def items(node: Node, record: str) -> list[dict[str, Any]]:
    """The data items of one record."""
    with node.store.read() as session:
        owner = _record(session, record)
        rows = session.exec(select(DataItemRow).where(DataItemRow.record_id == record)).all()
        return [
            {
                "item": row.id,
                "category": row.category,
                "label": row.label,
                "value": ""
                if row.state == "erased"
                else node.vault.open(
                    session, f"data_item/{row.id}/value", row.value_sealed, data_key(owner.case_id)
                ).decode(),
                "state": row.state,
            }
            for row in rows
        ]


def _display(session: Session, node: Node, row: SelectorRecord) -> str:
    if row.state == "erased":
        return ""
    where = f"selector_record/{row.id}/display"
    return node.vault.open(session, where, row.display_sealed, data_key(row.case_id)).decode()


def _record(session: Session, name: str) -> SelectorRecord:
    row = session.get(SelectorRecord, name)
    if row is None:
        raise NotFound("there is no such record", field="record", remedy="comity-node records")
    if row.state == "erased":
        raise Conflict("this record was erased", field="record")
    return row


def _forget(session: Session, node: Node, row: SelectorRecord, items: Iterable[DataItemRow]) -> None:
    """Overwrites what was sealed; the selector itself goes when no other record carries it."""
    row.display_sealed, row.fingerprint = b"", node.vault.digest("erased", row.id.encode())
    session.add(row)
    for item in items:
        item.value_sealed, item.state = b"", "erased"
        session.add(item)
    others = session.exec(
        select(SelectorRecord).where(
            SelectorRecord.selector_id == row.selector_id, SelectorRecord.state != "erased"
        )
    ).first()
    selector = session.get(Selector, row.selector_id)
    if others is None and selector is not None:
        selector.normal_sealed, selector.output_sealed, selector.element_sealed = b"", None, None
        selector.digest = node.vault.digest("erased selector", str(selector.id).encode())
        session.add(selector)
        session.exec(delete(OwnToken).where(col(OwnToken.selector_id) == selector.id))
    _close_case(session, node, row.case_id)


def _close_case(session: Session, node: Node, case: str | None) -> None:
    """With the last record of a case its data key goes, and with the key whatever it sealed."""
    if case is None:
        return
    session.flush()
    kept = session.exec(
        select(SelectorRecord).where(SelectorRecord.case_id == case, SelectorRecord.state != "erased")
    ).first()
    if kept is None:
        node.vault.erase_key(session, data_key(case))


def tell_hits(session: Session, node: Node, row: SelectorRecord) -> None:
    """Hits that no live record carries any more are withdrawn at both ends."""
    ties = session.exec(select(HitRecord.hit_id).where(HitRecord.record_id == row.id)).all()
    for name in ties:
        live = session.exec(
            select(SelectorRecord)
            .join(HitRecord, col(HitRecord.record_id) == col(SelectorRecord.id))
            .where(HitRecord.hit_id == name, SelectorRecord.state == "live")
        ).first()
        hit = session.get(Hit, name)
        if live is None and hit is not None and hit.state not in ("withdrawn", "false"):
            hit.state, hit.judged_at = "withdrawn", node.now()
            session.add(hit)
            verdict = delivery_pb2.HitFeedback(hit=bytes.fromhex(name), verdict=_VERDICTS["withdrawn"])
            send(session, node, verdict, hit.peer)


def _recall(
    session: Session, node: Node, names: list[str], reason: str, corrected: DataItemRow | None
) -> list[dict[str, str]]:
    """One recall for each peer and route by which any of these items was given.

    A corrected value goes where the item went: of what left by SIENA, the recall names the message and
    carries no content.
    """
    wanted = set(names)
    sent = []
    for (peer, route), disclosures in _holders(session, node, wanted).items():
        recall = node.chance(16)
        message = delivery_pb2.Recall(
            recall=recall,
            disclosures=[bytes.fromhex(name) for name in disclosures],
            items=sorted(wanted),
            reason=reason,
        )
        if corrected is not None and route == "comity":
            message.sealed.CopyFrom(_sealed_fix(session, node, peer, recall, corrected))
        send(session, node, message, peer)
        session.add(
            RecallRow(
                id=recall.hex(),
                direction="out",
                peer=peer,
                reason=reason,
                disclosures=disclosures,
                items=sorted(wanted),
                at=node.now(),
            )
        )
        sent.append({"recall": recall.hex(), "peer": peer})
    return sent


def _holders(session: Session, node: Node, wanted: set[str]) -> dict[tuple[str, str], list[str]]:
    holders: dict[tuple[str, str], list[str]] = {}
    for row in session.exec(select(Disclosure).where(Disclosure.state == "released")).all():
        content = node.vault.open(session, f"disclosure/{row.id}/content", row.content_sealed)
        given = {item.item for item in delivery_pb2.DisclosureContent.FromString(content).items}
        if given & wanted:
            holders.setdefault((row.peer, row.route), []).append(row.id)
    return holders


def _ask_person(session: Session, node: Node, sender: str, message: delivery_pb2.Recall) -> None:
    """Raises an alarm for each recalled answer that came by SIENA."""
    names = {disclosure.hex() for disclosure in message.disclosures}
    query = select(InformationRequestRow).where(
        InformationRequestRow.peer == sender, InformationRequestRow.direction == "out"
    )
    for row in session.exec(query).all():
        if row.answer.get("route") == "siena" and row.answer.get("disclosure") in names:
            reference = row.answer.get("siena_reference")
            text = f"{sender} recalls parts of its SIENA message {reference}: {message.reason}"
            raise_alarm(session, node, "warning", "siena-recall", text)


def _sealed_fix(
    session: Session, node: Node, peer: str, recall: bytes, row: DataItemRow
) -> envelope_pb2.SealedBox:
    owner = _record(session, row.record_id)
    value = node.vault.open(session, f"data_item/{row.id}/value", row.value_sealed, data_key(owner.case_id))
    content = delivery_pb2.DisclosureContent(
        items=[
            delivery_pb2.DisclosedItem(
                item=row.id,
                category=row.category,
                label=row.label,
                value=value.decode(),
                conditions=conditions(row.facts, "thb").to_message(),
            )
        ]
    )
    member = node.roster(session).team(peer)
    info = _recall_info(node.team, peer, recall)
    return seal(member.sealing_key, content.SerializeToString(), info=info, chance=node.chance)


def _fixed_values(node: Node, sender: str, message: delivery_pb2.Recall) -> dict[str, str]:
    if message.reason != "corrected" or not message.HasField("sealed"):
        return {}
    info = _recall_info(sender, node.team, message.recall)
    content = delivery_pb2.DisclosureContent.FromString(open_box(node.keys.sealing, message.sealed, info))
    return {item.item: item.value for item in content.items}


def _recall_info(sender: str, recipient: str, recall: bytes) -> bytes:
    return b"comity recall v1\0" + f"{sender}\0{recipient}\0".encode() + recall
