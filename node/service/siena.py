"""Prepared SIENA messages: what Article 13 of Directive (EU) 2023/977 sends by SIENA, ready to be typed in.

Fields follow law and practice known to us; the mapping is ours and is marked so. The message holds
the content, so it is shown to officers only and never stored outside the sealed disclosure.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from comity.errors import Conflict
from comity.v1 import delivery_pb2
from node.service import approving, ledger
from node.service.context import Node
from node.service.stated import body_of, get_request

FORMAT = "comity-siena-1"


def message(node: Node, disclosure: str, officer: str) -> dict[str, Any]:
    """The structured message of a released disclosure that goes by SIENA."""
    with node.store.write() as session:
        row = approving.get(session, disclosure)
        if row.route != "siena" or row.state != "released":
            raise Conflict("this disclosure does not go by SIENA, or is not released", field="disclosure")
        request = get_request(session, row.request_id, "in")
        asked = body_of(session, node, request)
        content = delivery_pb2.DisclosureContent.FromString(
            node.vault.open(session, f"disclosure/{row.id}/content", row.content_sealed)
        )
        _log(session, node, row.id, row.peer, officer, "prepared SIENA message shown")
        return {
            "format": FORMAT,
            "mapping": "own mapping of SIENA fields, to be verified against the national form",
            "reference": row.siena_reference,
            "type": "answer",
            "from": node.team.upper(),
            "to": row.peer.upper(),
            "legal_basis": "Directive (EU) 2023/977, Articles 5 and 13(1)",
            "crime_area": asked.offence,
            "purpose": asked.purpose,
            "urgency": asked.urgency_ground or "none",
            "subject": f"answer to request {row.request_id}",
            "confidentiality": "BPL",
            "entities": [
                {
                    "category": item.category,
                    "label": item.label,
                    "value": item.value,
                    "handling": item.conditions.handling,
                    "handling_note": item.conditions.handling_note,
                    "evaluation": item.conditions.evaluation,
                    "assessment": item.conditions.assessment,
                    "origin": item.conditions.origin,
                    "evidence_use": item.conditions.evidence_use,
                    "onward": item.conditions.onward,
                }
                for item in content.items
            ],
            "refused": row.refused,
            "approved_by": [f"{each['officer']} ({each['role']})" for each in row.approvals],
        }


def sent(node: Node, disclosure: str, receipt: str, officer: str) -> dict[str, Any]:
    """Records that the message went out by SIENA, with SIENA's own receipt or message number."""
    with node.store.write() as session:
        row = approving.get(session, disclosure)
        if row.route != "siena":
            raise Conflict("this disclosure does not go by SIENA", field="disclosure")
        if row.siena_receipt != receipt:
            row.siena_receipt = receipt
            session.add(row)
            _log(session, node, row.id, row.peer, officer, "sent by SIENA, receipt recorded")
        return {**approving.view(row), "siena_receipt": row.siena_receipt}


def _log(session: Session, node: Node, name: str, peer: str, officer: str, words: str) -> None:
    ledger.record(
        session,
        node,
        "disclosure",
        user=officer,
        recipient=peer,
        justification=words,
        legal_basis="Directive (EU) 2023/977 Article 13(1)",
        result=f"disclosure {name}",
        subject=f"siena:{name}",
    )
