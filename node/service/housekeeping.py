"""What time does by itself: expiry, retention, old inbox entries, the log's periods.

LED Articles 4(1)(e), 5 and 16(2): an item whose date has passed leaves matching and feeds at once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import col, delete, select

from node.records import GateRow, Inbox, Outbox, ReceivedItem, SelectorRecord
from node.service import corrections, ledger, matching
from node.service.context import Node

_SENT_KEPT = timedelta(days=7)


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
