"""Joining a federation, following its roster, and its keys."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from comity.envelope import parse_envelope
from comity.errors import Conflict, Expired
from comity.keyset import TrustedKeySet
from comity.roster import TrustedRoster
from node.records import CeremonyRow, KeySetRow, KeyShare, RosterRow
from node.service import ceremony, ledger
from node.service.context import FINGERPRINT, Node, get_meta, set_meta


def join(node: Node, roster: bytes, fingerprint: str | None) -> dict[str, Any]:
    """Pins version 1 by its fingerprint, or follows to the next version."""
    envelope = parse_envelope(roster)
    with node.store.write() as session:
        pinned = get_meta(session, FINGERPRINT)
        if not pinned:
            if fingerprint is None:
                raise Conflict(
                    "the first roster is pinned by its fingerprint",
                    field="fingerprint",
                    remedy="ask a member you know to read it to you, and give it with --fingerprint",
                )
            trusted = TrustedRoster.pin(envelope, fingerprint, node.now())
            set_meta(session, FINGERPRINT, fingerprint)
        else:
            trusted = node.roster(session).advance(envelope, node.now())
        _check_own(node, trusted)
        session.add(
            RosterRow(version=trusted.version, envelope=envelope.SerializeToString(), trusted_at=node.now())
        )
        ledger.record(
            session,
            node,
            "alteration",
            justification=f"roster version {trusted.version} trusted",
            legal_basis="LED Article 21",
            result=trusted.fingerprint,
            subject="roster",
        )
    node.forget_roster()
    return view(trusted)


def view(roster: TrustedRoster) -> dict[str, Any]:
    """A roster in words."""
    return {
        "federation": roster.federation,
        "version": roster.version,
        "fingerprint": roster.fingerprint,
        "mode": roster.mode,
        "threshold": roster.threshold,
        "members": [
            {
                "team": member.team,
                "state": member.state,
                "name": member.name,
                "address": member.address,
                "share": member.share_index or None,
                "submit_only": member.submit_only,
            }
            for member in roster.members
        ],
        "brokers": [{"broker": broker.broker, "address": broker.address} for broker in roster.brokers],
        "expires_at": roster.expires_at.isoformat(),
    }


def show(node: Node) -> dict[str, Any]:
    """The trusted roster."""
    with node.store.read() as session:
        return view(node.roster(session))


def generate_keys(node: Node) -> dict[str, Any]:
    """Opens a distributed key generation; the holders' nodes do the rest."""
    with node.store.write() as session:
        name = ceremony.propose(session, node)
        return ceremony.progress(session, name)


def has_keys(session: Session) -> bool:
    """Whether a key ceremony has been completed."""
    return session.exec(select(KeySetRow.epoch)).first() is not None


def keys(node: Node) -> dict[str, Any]:
    """Key sets and the newest ceremony."""
    with node.store.read() as session:
        newest = session.exec(select(CeremonyRow).order_by(col(CeremonyRow.started_at).desc())).first()
        sets = session.exec(select(KeySetRow).order_by(col(KeySetRow.epoch))).all()
        return {
            "epochs": [_key_view(session, node, row.epoch) for row in sets],
            "ceremony": ceremony.progress(session, newest.id) if newest else None,
        }


def abandon_keys(node: Node, name: str) -> dict[str, Any]:
    """Ends a ceremony that cannot finish."""
    with node.store.write() as session:
        return ceremony.abandon(session, node, name)


def _key_view(session: Session, node: Node, epoch: int) -> dict[str, Any]:
    try:
        key_set: TrustedKeySet = node.key_set(session, epoch)
    except Expired:
        return {"epoch": epoch, "expired": True}
    return {
        "epoch": key_set.epoch,
        "threshold": key_set.threshold,
        "holders": dict(key_set.holders),
        "kinds": list(key_set.kinds),
        "own_shares": len(session.exec(select(KeyShare.kind).where(KeyShare.epoch == epoch)).all()),
        "transcript": key_set.transcript.hex(),
        "not_after": key_set.not_after.isoformat(),
    }


def _check_own(node: Node, roster: TrustedRoster) -> None:
    if roster.federation != node.settings.federation:
        raise Conflict("the roster is another federation's", field="federation")
    mine = roster.find(node.team)
    if mine is None:
        raise Conflict(
            "the roster does not list this team", field="members", remedy="hand in the team's card"
        )
    if (mine.signing_key, mine.sealing_key) != (node.keys.signer.public, node.keys.sealing.public):
        raise Conflict("the roster lists this team with other keys", field="members")
