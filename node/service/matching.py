"""Matching: a peer's tokens against what that peer would publish for our own selectors.

A hit has the same id on both sides, because it is derived from the unpublished output. It is raised
exactly once for each own record and peer, whatever the order of arrival: the tables' keys see to it.
A stale feed raises nothing; a selector that the gate withholds raises a hit only where the gate
permits the notice; a selector that matches too much is paused and its publisher is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from google.protobuf.message import Message
from sqlmodel import Session, col, delete, func, insert, select

from comity import envelope as envelopes
from comity.envelope import MAX_SKEW
from comity.pseudonym import check_notice_proof, hit_id, notice_proof, token
from comity.v1 import delivery_pb2, envelope_pb2
from node.records import Hit, HitRecord, OwnToken, PeerFeed, PeerToken, Selector, SelectorRecord
from node.service import gate, ledger
from node.service.context import Node, raise_alarm
from node.service.incoming import handles
from node.service.outgoing import send
from policy import Action

CHUNK = 500


def derive(session: Session, node: Node, epoch: int, fresh: Sequence[tuple[int, bytes]]) -> None:
    """For each peer, what it would publish for these selectors, and the name of the hit if it does."""
    teams = [member.team for member in node.roster(session).members if not member.submit_only]
    rows = [
        {
            "selector_id": selector,
            "peer": team,
            "epoch": epoch,
            "token": token(output, team),
            "hit": hit_id(output, node.team, team),
        }
        for team in teams
        if team != node.team
        for selector, output in fresh
    ]
    for start in range(0, len(fresh), CHUNK):
        again = col(OwnToken.selector_id).in_([selector for selector, _ in fresh[start : start + CHUNK]])
        session.exec(delete(OwnToken).where(again, col(OwnToken.epoch) == epoch))
    if rows:
        session.exec(insert(OwnToken), params=rows)


def match_own(session: Session, node: Node, selectors: Iterable[int]) -> int:
    """New own tokens against all peers' feeds; returns how many hits are new."""
    found = 0
    wanted = list(selectors)
    for start in range(0, len(wanted), CHUNK):
        query = (
            select(OwnToken, PeerToken)
            .join(
                PeerToken,
                (col(PeerToken.publisher) == col(OwnToken.peer))
                & (col(PeerToken.token) == col(OwnToken.token)),
            )
            .where(col(OwnToken.selector_id).in_(wanted[start : start + CHUNK]))
        )
        for own, peer in session.exec(query).all():
            found += _found(session, node, own, peer.crime_area)
    return found


def match_peer(
    session: Session, node: Node, publisher: str, tokens: Sequence[bytes], *, published_at: datetime
) -> int:
    """New tokens of a peer against our own; returns how many hits are new."""
    found = 0
    for start in range(0, len(tokens), CHUNK):
        query = (
            select(OwnToken, PeerToken)
            .join(
                PeerToken,
                (col(PeerToken.publisher) == col(OwnToken.peer))
                & (col(PeerToken.token) == col(OwnToken.token)),
            )
            .where(OwnToken.peer == publisher, col(OwnToken.token).in_(tokens[start : start + CHUNK]))
        )
        for own, peer in session.exec(query).all():
            found += _found(session, node, own, peer.crime_area, published_at)
    return found


def rematch(session: Session, node: Node, publisher: str | None = None) -> int:
    """Everything against everything: after a stale feed became fresh, or when the gate's day turned."""
    query = select(OwnToken, PeerToken).join(
        PeerToken,
        (col(PeerToken.publisher) == col(OwnToken.peer)) & (col(PeerToken.token) == col(OwnToken.token)),
    )
    if publisher is not None:
        query = query.where(OwnToken.peer == publisher)
    return sum(_found(session, node, own, peer.crime_area) for own, peer in session.exec(query).all())


def is_fresh(session: Session, node: Node, publisher: str) -> bool:
    """Whether the publisher's head is young enough to work on."""
    feed = session.get(PeerFeed, publisher)
    if feed is None or feed.head_signed_at is None:
        return False
    limit = timedelta(hours=node.settings.feed_max_age_hours)
    signed_at, now = feed.head_signed_at, node.now()
    return now - limit < signed_at <= now + MAX_SKEW  # newer than now: this clock jumped back


def _found(
    session: Session, node: Node, own: OwnToken, crime_area: str, published_at: datetime | None = None
) -> bool:
    if not is_fresh(session, node, own.peer):
        return False
    records = _records(session, node, own.selector_id, own.peer)
    if not records or _is_noisy(session, node, own):
        return False
    hit = _hit(session, node, own, crime_area)
    fresh = not hit.matched and not hit.notice_digest
    hit.matched = True
    session.add(hit)
    added = _tie(session, node, hit, records)
    if _reopen(session, node, hit, published_at, anew=added) or fresh:
        _notify(session, node, own, hit, str(records[0].facts.get("crime_area") or ""))
    return added


def _reopen(session: Session, node: Node, hit: Hit, said_at: datetime | None, *, anew: bool = False) -> bool:
    """A withdrawn hit lives again by a new record here, or by what the peer said after the withdrawal.

    One that a person called false stays suppressed.
    """
    since = hit.judged_at or hit.found_at
    if hit.state != "withdrawn" or not (anew or (said_at is not None and said_at >= since)):
        return False
    hit.state, hit.judged_at = "open", node.now()
    session.add(hit)
    return True


def _records(session: Session, node: Node, selector: int, peer: str) -> list[SelectorRecord]:
    """The live records for which the gate permits a hit notice to that peer."""
    query = select(SelectorRecord).where(
        SelectorRecord.selector_id == selector, SelectorRecord.state == "live"
    )
    return [
        record
        for record in session.exec(query).all()
        if gate.verdict(session, node, record, Action.NOTIFY, peer).permitted
    ]


def _hit(session: Session, node: Node, own: OwnToken, crime_area: str) -> Hit:
    if (known := _known(session, own)) is not None:
        return known
    selector = session.get(Selector, own.selector_id)
    hit = Hit(
        id=own.hit.hex(),
        peer=own.peer,
        kind=selector.kind if selector else "",
        epoch=own.epoch,
        crime_area=crime_area,
        found_at=node.now(),
    )
    session.add(hit)
    session.flush()
    return hit


def named(session: Session, peer: str, hit: bytes) -> Hit | None:
    """The hit that a peer means by this id, which may be its id of another epoch."""
    own = session.exec(select(OwnToken).where(OwnToken.peer == peer, OwnToken.hit == hit)).first()
    found = session.get(Hit, hit.hex()) if own is None else _known(session, own)
    return found if found is not None and found.peer == peer else None


def _known(session: Session, own: OwnToken) -> Hit | None:
    """The hit under this id, or under the id of another epoch in which the selector met this peer."""
    if (known := session.get(Hit, own.hit.hex())) is not None:
        return known
    earlier = select(OwnToken.hit).where(
        OwnToken.selector_id == own.selector_id, OwnToken.peer == own.peer, OwnToken.epoch != own.epoch
    )
    names = [name.hex() for name in session.exec(earlier).all()]
    return session.exec(select(Hit).where(col(Hit.id).in_(names))).first() if names else None


def _tie(session: Session, node: Node, hit: Hit, records: Iterable[SelectorRecord]) -> bool:
    added = False
    for record in records:
        if session.get(HitRecord, (hit.id, record.id)) is not None:
            continue
        session.add(HitRecord(hit_id=hit.id, record_id=record.id, found_at=node.now()))
        added = True
        ledger.record(
            session,
            node,
            "combination",
            member=hit.peer,
            justification="pseudonyms met: existence only",
            legal_basis=record.facts.get("legal_basis", ""),
            case=record.case_id or "",
            offence=record.facts.get("offence", ""),
            subject_category=record.facts.get("subject_category", ""),
            query_type=hit.kind,
            result=f"hit {hit.id}",
            subject=f"hit:{hit.id}",
        )
    session.flush()
    return added


def _notify(session: Session, node: Node, own: OwnToken, hit: Hit, crime_area: str) -> None:
    """Tells the peer; `crime_area` is that of our own record, as our feed would say it."""
    output = output_of(session, node, own.selector_id)
    notice = delivery_pb2.HitNotice(
        hit=own.hit,
        epoch=own.epoch,
        kind=hit.kind,
        crime_area=crime_area,
        proof=notice_proof(output, node.team, own.peer, own.hit),
    )
    hit.notice_digest = send(session, node, notice, own.peer)
    session.add(hit)
    ledger.record(
        session,
        node,
        "disclosure",
        member=own.peer,
        recipient=own.peer,
        justification="hit notice: existence only, no content, no identity",
        legal_basis="Directive (EU) 2023/977 Article 7(2)",
        query_type=hit.kind,
        result=f"hit {hit.id}",
        subject=f"hit:{hit.id}",
    )


@handles(delivery_pb2.HitNotice)
def on_notice(
    session: Session, node: Node, sender: str, message: Message, statement: envelope_pb2.Envelope
) -> None:
    """A peer says that it holds a selector of ours. Without the right proof it is noise, and an alarm.

    When nothing live is behind it here, or the selector is paused, the peer is told, so that no hit
    stands on one side only.
    """
    assert isinstance(message, delivery_pb2.HitNotice)
    query = select(OwnToken).where(OwnToken.peer == sender, OwnToken.hit == message.hit)
    own = session.exec(query).first()
    proven = own is not None and check_notice_proof(
        output_of(session, node, own.selector_id), sender, node.team, message.hit, message.proof
    )
    if own is None or not proven:
        raise_alarm(
            session,
            node,
            "warning",
            "unproven-notice",
            f"{sender} sent a hit notice that proves nothing; it was ignored",
        )
        return
    live = select(SelectorRecord).where(
        SelectorRecord.selector_id == own.selector_id, SelectorRecord.state == "live"
    )
    records = list(session.exec(live).all())
    if not records or _is_noisy(session, node, own):
        verdict = delivery_pb2.FEEDBACK_VERDICT_WITHDRAWN
        send(session, node, delivery_pb2.HitFeedback(hit=message.hit, verdict=verdict), sender)
        return
    hit = _hit(session, node, own, message.crime_area)
    hit.noticed = True
    session.add(hit)
    _tie(session, node, hit, records)
    _reopen(session, node, hit, envelopes.instant(envelopes.read_header(statement).issued_at_ms))


def output_of(session: Session, node: Node, selector_id: int) -> bytes:
    """The OPRF output of an own selector; it never leaves the node."""
    selector = session.get(Selector, selector_id)
    assert selector is not None
    assert selector.output_sealed is not None
    return node.vault.open(session, f"selector/{selector.digest.hex()}/output", selector.output_sealed)


def _is_noisy(session: Session, node: Node, own: OwnToken) -> bool:
    """The noise brake: a selector that meets too many hits meets no new one, and a person is told."""
    if _known(session, own) is not None:
        return False
    query = (
        select(func.count(func.distinct(HitRecord.hit_id)))
        .join(SelectorRecord, col(SelectorRecord.id) == col(HitRecord.record_id))
        .where(SelectorRecord.selector_id == own.selector_id)
    )
    if session.exec(query).one() < node.settings.noise_cap:
        return False
    raise_alarm(
        session,
        node,
        "notice",
        "noisy-selector",
        "a selector matches more peers than the cap allows and was paused",
    )
    return True
