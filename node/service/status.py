"""What the operator sees: green only where it was tested. No personal data in any of it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, func, select

from comity.errors import ComityError
from node.records import (
    Alarm,
    Channel,
    Disclosure,
    Hit,
    HitRecord,
    InformationRequestRow,
    LogCheckpoint,
    LogLeaf,
    Outbox,
    PeerFeed,
    Selector,
    SelectorRecord,
)
from node.service import egress, feeds, pseudonymise, publish
from node.service.context import Node, get_meta


def status(node: Node) -> dict[str, Any]:
    """One screen: roster, keys, canary, peers, log, approvals, alarms."""
    with node.store.read() as session:
        return {
            "team": node.team,
            "federation": node.settings.federation,
            "time": node.now().isoformat(),
            "roster": _roster(session, node),
            "keys": _keys(session, node),
            "gate": {
                "canary_refused_at": get_meta(session, egress.CANARY) or None,
                "locked": bool(get_meta(session, egress.LOCK)),
            },
            "selectors": _count_by(session, SelectorRecord.state),
            "pseudonyms": _pending(session, node),
            "published": publish.published_count(session),
            "hits": _count_by(session, Hit.state),
            "peers": [_peer(session, node, feed) for feed in feeds.peer_feeds(session)],
            "requests": _count_by(session, InformationRequestRow.state),
            "oldest_request_due": _oldest_due(session),
            "disclosures": _count_by(session, Disclosure.state),
            "channels": _count_by(session, Channel.state),
            "outbox": {
                "queued": _count(session, Outbox.state == "queued"),
                "dropped": _count(session, Outbox.state == "dropped"),
            },
            "log": _log(session),
            "alarms": alarms(session),
        }


def doctor(node: Node, peer: str) -> dict[str, Any]:
    """Tests the road to one peer, step by step, and says in words what is wrong."""
    checks = []
    with node.store.read() as session:
        member = node.roster(session).team(peer)
        checks.append({"check": "roster", "ok": True, "words": f"{member.name} at {member.address}"})
        rows = session.exec(
            select(Outbox).where(Outbox.recipient == peer, Outbox.state == "queued").order_by(col(Outbox.id))
        ).all()
        queued = [
            {"what": row.what, "attempts": row.attempts, "last_error": row.last_error, "route": row.route}
            for row in rows
        ]
        feed = session.get(PeerFeed, peer)
    try:
        key_set = node.peers.key_set(peer, 0)
        checks.append({"check": "connection", "ok": True, "words": "mutual TLS and an answer"})
        checks.append(
            {"check": "key set", "ok": bool(key_set.payload), "words": "the peer shows its key set"}
        )
    except ComityError as error:
        reached = error.code not in ("unavailable",)
        checks.append({"check": "connection", "ok": reached, "words": str(error)})
    pulled = feeds.pull(node, peer) if checks[-1]["ok"] else {"error": {"message": "not tried"}}
    wrong = pulled.get("error")
    checks.append(
        {"check": "feed", "ok": wrong is None, "words": wrong["message"] if wrong else "read to its head"}
    )
    return {
        "peer": peer,
        "ok": all(check["ok"] for check in checks),
        "checks": checks,
        "waiting": queued,
        "feed_cursor": feed.cursor if feed else 0,
    }


def alarms(session: Session) -> list[dict[str, Any]]:
    """Open alarms, newest first."""
    query = select(Alarm).where(col(Alarm.closed_at).is_(None)).order_by(col(Alarm.id).desc())
    return [
        {
            "id": row.id,
            "level": row.level,
            "code": row.code,
            "text": row.text,
            "at": row.raised_at.isoformat(),
        }
        for row in session.exec(query).all()
    ]


def close_alarm(node: Node, number: int) -> dict[str, Any]:
    """A person has looked at an alarm."""
    with node.store.write() as session:
        row = session.get(Alarm, number)
        if row is not None and row.closed_at is None:
            row.closed_at = node.now()
            session.add(row)
    return {"id": number, "closed": row is not None}


def hits(session: Session) -> list[dict[str, Any]]:
    """All hits: existence only, with how this side came to know, and the own records behind each."""
    behind: dict[str, list[str]] = {}
    for tie in session.exec(select(HitRecord).order_by(col(HitRecord.record_id))).all():
        behind.setdefault(tie.hit_id, []).append(tie.record_id)
    rows = session.exec(select(Hit).order_by(col(Hit.found_at), col(Hit.id))).all()
    return [
        {
            "hit": row.id,
            "peer": row.peer,
            "kind": row.kind,
            "crime_area": row.crime_area,
            "state": row.state,
            "found_at": row.found_at.isoformat(),
            "matched": row.matched,
            "noticed": row.noticed,
            "records": behind.get(row.id, []),
        }
        for row in rows
    ]


def _roster(session: Session, node: Node) -> dict[str, Any]:
    roster = node.roster(session)
    return {
        "version": roster.version,
        "fingerprint": roster.fingerprint,
        "members": [member.team for member in roster.members],
        "mode": roster.mode,
        "expires_at": roster.expires_at.isoformat(),
    }


def _keys(session: Session, node: Node) -> dict[str, Any] | None:
    try:
        key_set = node.key_set(session)
    except ComityError:
        return None
    return {
        "epoch": key_set.epoch,
        "threshold": key_set.threshold,
        "holders": list(key_set.holders.values()),
        "kinds": len(key_set.kinds),
        "until": key_set.not_after.isoformat(),
    }


def _pending(session: Session, node: Node) -> dict[str, int]:
    done = _count(session, Selector.epoch > 0)
    try:
        waiting = sum(pseudonymise.pending(session, node).values())
    except ComityError:
        waiting = int(session.exec(select(func.count()).select_from(Selector)).one())
    return {"done": done, "waiting": waiting}


def _peer(session: Session, node: Node, feed: PeerFeed) -> dict[str, Any]:
    return {
        "peer": feed.publisher,
        "feed_sequence": feed.cursor,
        "head_signed_at": feed.head_signed_at.isoformat() if feed.head_signed_at else None,
        "last_pull": feed.pulled_at.isoformat() if feed.pulled_at else None,
        "last_error": feed.last_error or None,
        "queued": _count(
            session, (col(Outbox.recipient) == feed.publisher) & (col(Outbox.state) == "queued")
        ),
    }


def _log(session: Session) -> dict[str, Any]:
    size = int(session.exec(select(func.count()).select_from(LogLeaf)).one())
    query = (
        select(LogCheckpoint).where(LogCheckpoint.cosigned_by != "").order_by(col(LogCheckpoint.size).desc())
    )
    newest = session.exec(query).first()
    return {
        "records": size,
        "cosigned": newest.size if newest else 0,
        "witnesses": newest.cosigned_by.split() if newest else [],
    }


def _oldest_due(session: Session) -> str | None:
    rows = [row for row in egress.due_soon(session) if row.due_at is not None]
    return rows[0].due_at.isoformat() if rows and rows[0].due_at else None


def _count_by(session: Session, column: Any) -> dict[str, int]:
    return {
        str(name): int(count)
        for name, count in session.exec(select(column, func.count()).group_by(column)).all()
    }


def _count(session: Session, where: Any) -> int:
    return int(session.exec(select(func.count()).where(where)).one())
