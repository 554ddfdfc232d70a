"""Officers of this team: certified by the team's root key, enrolled here, never held here."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from comity.envelope import parse, parse_envelope
from comity.errors import Conflict, Forbidden, NotFound
from comity.officer import Officer, check_approval, open_certificate
from comity.v1 import delivery_pb2
from comity.v1.roster_pb2 import OfficerCertificate
from node.records import OfficerRow
from node.service import ledger
from node.service.context import Node


def enrol(node: Node, certificate: bytes) -> dict[str, Any]:
    """Enrols an officer by a certificate that the team's root key signed."""
    with node.store.write() as session:
        envelope = parse_envelope(certificate)
        officer = open_certificate(envelope, node.roster(session), node.now())
        if officer.team != node.team:
            raise Forbidden("that officer belongs to another team", field="certificate")
        _check_one_name(session, officer)
        session.merge(
            OfficerRow(
                officer=officer.officer,
                certificate=certificate,
                roles=sorted(officer.roles),
                enrolled_at=node.now(),
            )
        )
        ledger.record(
            session,
            node,
            "collection",
            justification="officer enrolled",
            legal_basis="LED Article 29(2)(e)",
            user=officer.officer,
            result=f"officer {officer.officer}: {', '.join(sorted(officer.roles))}",
            subject=f"officer:{officer.officer}",
        )
    return {"officer": officer.officer, "roles": sorted(officer.roles)}


def _check_one_name(session: Session, officer: Officer) -> None:
    """One key is one person: under a second name its holder could approve what it proposed."""
    others = session.exec(select(OfficerRow).where(OfficerRow.officer != officer.officer)).all()
    for row in others:
        known = parse(OfficerCertificate, parse_envelope(row.certificate).payload, "certificate")
        if known.public_key == officer.public_key:
            raise Forbidden(
                "that key is enrolled under another name",
                code="four-eyes",
                field="certificate",
                remedy="comity-node officer new, for each officer alone",
            )


def revoke(node: Node, name: str) -> dict[str, Any]:
    """Takes an officer's powers away here, at once."""
    with node.store.write() as session:
        row = session.get(OfficerRow, name)
        if row is None:
            raise NotFound("no such officer is enrolled", field="officer", remedy="comity-node officer list")
        row.revoked_at = node.now()
        session.add(row)
        ledger.record(
            session,
            node,
            "alteration",
            justification="officer revoked",
            legal_basis="LED Article 29(2)(e)",
            user=name,
            subject=f"officer:{name}",
        )
    return {"officer": name, "revoked": True}


def listing(session: Session) -> list[dict[str, Any]]:
    """All officers of the team, with roles."""
    rows = session.exec(select(OfficerRow).order_by(col(OfficerRow.officer))).all()
    return [
        {"officer": row.officer, "roles": row.roles, "revoked": row.revoked_at is not None} for row in rows
    ]


def certificate_of(session: Session, name: str) -> bytes:
    """The certificate under which an officer signs."""
    row = session.get(OfficerRow, name)
    if row is None:
        raise NotFound("no such officer is enrolled", field="officer", remedy="comity-node officer enrol")
    return row.certificate


def check_own(
    session: Session, node: Node, signature: delivery_pb2.OfficerSignature, digest: bytes, role: str
) -> Officer:
    """An officer of this team, in force and not revoked, signed exactly this in that role."""
    officer = check_approval(
        signature, digest, roster=node.roster(session), team=node.team, required_role=role, now=node.now()
    )
    row = session.get(OfficerRow, officer.officer)
    if row is None:
        raise Forbidden("that officer is not enrolled at this node", field="officer")
    if row.revoked_at is not None:
        raise Forbidden("that officer's powers were revoked", field="officer")
    if row.certificate != signature.certificate.SerializeToString(deterministic=True):
        raise Conflict("that officer has a newer certificate", field="certificate")
    return officer
