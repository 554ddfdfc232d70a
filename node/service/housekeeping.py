"""What time does by itself: expiry, retention, old inbox entries, the log's periods.

LED Articles 4(1)(e), 5 and 16(2): an item whose date has passed leaves matching and feeds at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import col, delete, select

from comity.errors import Expired
from node.records import GateRow, Inbox, KeySetRow, Outbox, ReceivedItem, SelectorRecord
from node.service import corrections, ledger, matching
from node.service.context import Node, raise_alarm

_SENT_KEPT = timedelta(days=7)


KEYS_END = timedelta(days=7)
ROSTER_ENDS = timedelta(days=30)


def warn_of_ends(node: Node) -> None:
    """Raises an alarm before the pseudonym keys or the roster end: people need time for a ceremony."""
    with node.store.write() as session:
        roster = node.roster(session)
        if roster.expires_at - ROSTER_ENDS <= node.now():
            words = f"the roster ends on {roster.expires_at:%Y-%m-%d}: sign the next version"
            raise_alarm(session, node, "warning", "roster-ends", words)
        newest = session.exec(select(KeySetRow.epoch).order_by(col(KeySetRow.epoch).desc())).first()
        if newest is None:
            return
        try:
            end = node.key_set(session, newest).not_after
            words = f"the keys of epoch {newest} end on {end:%Y-%m-%d}: comity-node keys generate"
            if end - KEYS_END <= node.now():
                raise_alarm(session, node, "warning", "keys-end", words)
        except Expired:
            words = f"the keys of epoch {newest} have ended: comity-node keys generate"
            raise_alarm(session, node, "critical", "keys-ended", words)


def sweep(node: Node) -> dict[str, Any]:
    """Expires what has passed its date; returns counts."""
    today = node.now().date().isoformat()
    with node.store.write() as session:
        expired = session.exec(
            select(SelectorRecord).where(
                SelectorRecord.state == "live",
                col(SelectorRecord.expires_on).is_not(None),
                col(SelectorRecord.expires_on) < today,
            )
        ).all()
        for row in expired:
            row.state = "expired"
            session.add(row)
            session.flush()
            corrections.tell_hits(session, node, row)
        received = [
            row
            for row in session.exec(select(ReceivedItem).where(ReceivedItem.state != "erased")).all()
            if row.conditions.get("retention_until", today) < today
        ]
        for item in received:
            item.state, item.value_sealed = "erased", b""
            session.add(item)
        session.exec(delete(Inbox).where(col(Inbox.keep_until) < node.now()))
        session.exec(delete(GateRow).where(col(GateRow.decided_on) < today))
        session.exec(
            delete(Outbox).where(
                col(Outbox.state) == "sent", col(Outbox.created_at) < node.now() - _SENT_KEPT
            )
        )
        if expired or received:
            ledger.record(
                session,
                node,
                "erasure",
                justification=f"retention passed: {len(expired)} own records, {len(received)} received items",
                legal_basis="LED Articles 4(1)(e), 5, 16(2)",
                subject="retention",
            )
        matching.rematch(session, node)  # the law's day may have turned
    return {"expired": len(expired), "received_erased": len(received)}
