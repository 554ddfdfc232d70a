"""What `status` shows: counts and dates, read from the home and, when it serves, asked over the wire."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]

from broker.bootstrap import Parts, now
from comity.envelope import instant
from comity.errors import ComityError, NotFound
from comity.transport.channel import PeerChannel
from comity.transport.pki import not_after
from comity.transport.telemetry import setup

HEALTH_SECONDS = 3.0


def state_of(parts: Parts) -> dict[str, Any]:
    """The broker's state as plain data."""
    boxes = parts.boxes.state()
    state: dict[str, Any] = {
        "broker": parts.settings.broker,
        "federation": parts.settings.federation,
        "address": parts.settings.address,
        "health": health(parts),
        "certificate_until": _stamp(not_after(parts.credentials().cert_pem)),
    }
    return (
        state
        | _roster(parts)
        | {
            "mails": sum(box.mails for box in boxes),
            "bytes": sum(box.bytes for box in boxes),
            "mailboxes": [
                {
                    "team": box.recipient,
                    "mails": box.mails,
                    "bytes": box.bytes,
                    "oldest": _stamp(instant(box.oldest_ms)),
                }
                for box in boxes
            ],
            "logs": [{"log": row.origin, "size": row.size} for row in parts.witness.logs()],
            "evidence": [
                {"log": row.origin, "code": row.code, "seen": _at(row.seen_at_ms)}
                for row in parts.witness.evidence()
            ],
        }
    )


def health(parts: Parts) -> str:
    """ "stopped", "serving", or "unreachable" when a process holds the home and does not answer."""
    if not parts.home.is_served():
        return "stopped"
    telemetry = setup("comity-broker")
    try:
        port = int(json.loads(parts.home.read("ready"))["port"])
        channel = PeerChannel(
            f"127.0.0.1:{port}",
            peer=parts.identity,
            authority_pem=parts.home.read("authority.pem"),
            credentials=parts.credentials,
            telemetry=telemetry,
            deadline=HEALTH_SECONDS,
        )
        with channel:
            health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    except (ComityError, ValueError, KeyError):
        return "unreachable"
    finally:
        telemetry.shutdown()
    return "serving"


def _roster(parts: Parts) -> dict[str, Any]:
    try:
        roster = parts.rosters.current()
    except NotFound:
        return {"roster_version": None}
    return {
        "roster_version": roster.version,
        "roster_fingerprint": roster.fingerprint,
        "roster_expires_at": _stamp(roster.expires_at),
        "roster_expired": roster.expired(now()),
        "teams": [each.team for each in roster.members],
    }


def _at(ms: int) -> str:
    return _stamp(instant(ms))


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
