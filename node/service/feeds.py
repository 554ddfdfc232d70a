"""Reading peers' feeds: link by link, each verified against the one before, each in one transaction.

Refused, with nothing changed: a link that is not signed by the publisher or not meant for us, that
does not follow our cursor, or whose body is not the one it commits to; a head that is older or shorter
than what we hold (a rollback). A peer that cannot be reached costs nothing but time.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, insert, select

from comity import envelope as envelopes
from comity.errors import ComityError, Conflict, Corrupt, Malformed
from comity.transport.limits import check as check_limits
from comity.v1 import envelope_pb2, feed_pb2
from node.flow.publish import TOKEN, split
from node.records import PeerFeed, PeerToken
from node.service import matching
from node.service.context import Node, raise_alarm
from node.service.publish import audiences

_LIFETIME = timedelta(days=400)


def pull_all(node: Node) -> dict[str, Any]:
    """Pulls every peer once; a peer that is down is noted, the others are not held up."""
    with node.store.read() as session:
        peers = audiences(session, node)
    return {peer: pull(node, peer) for peer in peers}


def pull(node: Node, publisher: str) -> dict[str, Any]:
    """Pulls one peer's feed from our cursor on; returns entries read and new hits."""
    with node.alone(f"pull {publisher}"):  # two readers would take each other's progress for a fork
        return _pull(node, publisher)


def _pull(node: Node, publisher: str) -> dict[str, Any]:
    with node.store.read() as session:
        feed = session.get(PeerFeed, publisher) or PeerFeed(publisher=publisher)
    entries = hits = 0
    try:
        for page in node.peers.pull(publisher, feed.cursor, feed.digest):
            check_limits(page)
            with node.store.write() as session:
                if page.HasField("head"):
                    hits += _head(session, node, publisher, page.head)
                else:
                    hits += _entry(session, node, publisher, page)
                    entries += 1
    except ComityError as error:
        _note_failure(node, publisher, error)
        return {"entries": entries, "hits": hits, "error": error.as_dict()}
    return {"entries": entries, "hits": hits}


def _entry(session: Session, node: Node, publisher: str, page: feed_pb2.PullResponse) -> int:
    link, digest = _link(session, node, publisher, page.entry)
    feed = session.get(PeerFeed, publisher) or PeerFeed(publisher=publisher)
    if link.sequence != feed.cursor + 1 or link.previous != (feed.digest or bytes(32)):
        raise Conflict("a feed entry does not follow the one before", code="feed-fork", field="previous")
    if page.body and hashlib.sha256(page.body).digest() != link.body_digest:
        raise Corrupt("a feed body is not the one that its entry commits to", field="body")
    tokens = _apply(session, feed, link, page.body)
    feed.cursor, feed.digest = link.sequence, digest
    session.add(feed)
    session.flush()
    return matching.match_peer(
        session, node, publisher, tokens, published_at=envelopes.instant(link.created_at_ms)
    )


def _link(
    session: Session, node: Node, publisher: str, entry: envelope_pb2.Envelope
) -> tuple[feed_pb2.FeedEntry, bytes]:
    opened = envelopes.open_envelope(
        entry,
        keys=node.roster(session).by_signing_key,
        federation=node.settings.federation,
        me=node.team,
        now=node.now(),
        expected=feed_pb2.FeedEntry,
        max_lifetime=_LIFETIME,
    )
    check_limits(opened.message)
    message = opened.message
    if opened.signer_team != publisher or message.publisher != publisher or message.audience != node.team:
        raise Malformed("a feed entry of another publisher or for another audience", field="publisher")
    return message, opened.digest


def _apply(session: Session, feed: PeerFeed, link: feed_pb2.FeedEntry, body: bytes) -> list[bytes]:
    snapshot = link.kind == feed_pb2.FEED_ENTRY_KIND_SNAPSHOT
    if snapshot and not feed.snapshot_from:
        feed.snapshot_from = link.sequence
    tokens = _store(session, feed.publisher, link, _parsed(body)) if body else []
    if snapshot and link.complete:
        stale = (col(PeerToken.publisher) == feed.publisher) & (col(PeerToken.sequence) < feed.snapshot_from)
        session.exec(delete(PeerToken).where(stale))
        feed.snapshot_from = 0
    return tokens


def _parsed(body: bytes) -> feed_pb2.FeedBody:
    parsed = envelopes.parse(feed_pb2.FeedBody, body, "body")
    check_limits(parsed)
    count = len(parsed.added) // TOKEN
    if len(parsed.added) % TOKEN or len(parsed.removed) % TOKEN or len(parsed.classes) != 2 * count:
        raise Malformed("a feed body has 16 bytes a token and 2 a class", field="body")
    if split(parsed.added) != sorted(split(parsed.added)):
        raise Malformed("a feed body is sorted", field="added")
    return parsed


def _store(
    session: Session, publisher: str, link: feed_pb2.FeedEntry, body: feed_pb2.FeedBody
) -> list[bytes]:
    removed = split(body.removed)
    if removed:
        gone = (col(PeerToken.publisher) == publisher) & (col(PeerToken.token).in_(removed))
        session.exec(delete(PeerToken).where(gone))
    tokens = split(body.added)
    rows = {
        token: {"publisher": publisher, "token": token, "sequence": link.sequence, **_class(link, place)}
        for token, place in zip(tokens, split(body.classes, 2), strict=True)
    }
    again = (col(PeerToken.publisher) == publisher) & (col(PeerToken.token).in_(tokens))
    session.exec(delete(PeerToken).where(again))
    if rows:
        session.exec(insert(PeerToken), params=list(rows.values()))
    return tokens


def _class(link: feed_pb2.FeedEntry, place: bytes) -> dict[str, Any]:
    """What an entry says of a token beside the token itself."""
    index = int.from_bytes(place, "big")
    if index >= len(link.classes):
        raise Malformed("a token names a class that the entry does not define", field="classes")
    kind = link.classes[index]
    return {
        "epoch": link.epoch,
        "kind": kind.kind,
        "expiry_month": kind.expiry_month,
        "crime_area": kind.crime_area,
        "handling": kind.handling,
    }


def _head(session: Session, node: Node, publisher: str, statement: envelope_pb2.Envelope) -> int:
    opened = envelopes.open_envelope(
        statement,
        keys=node.roster(session).by_signing_key,
        federation=node.settings.federation,
        me=node.team,
        now=node.now(),
        expected=feed_pb2.FeedHead,
    )
    head = opened.message
    check_limits(head)
    if opened.signer_team != publisher or head.publisher != publisher or head.audience != node.team:
        raise Malformed("a feed head of another publisher or for another audience", field="publisher")
    feed = session.get(PeerFeed, publisher) or PeerFeed(publisher=publisher)
    if head.sequence != feed.cursor or head.digest != feed.digest:
        raise Conflict(
            "the feed's head is not where its entries lead: it was rolled back or cut short",
            code="feed-rollback",
            field="head",
            remedy="comity-node doctor PEER",
        )
    was_fresh = matching.is_fresh(session, node, publisher)  # else what came before raised no hits
    signed_at = datetime.fromtimestamp(head.signed_at_ms / 1000, UTC)
    if feed.head_signed_at is None or signed_at > feed.head_signed_at:
        feed.head_signed_at = signed_at
    feed.pulled_at, feed.last_error = node.now(), ""
    session.add(feed)
    session.flush()
    return 0 if was_fresh else matching.rematch(session, node, publisher)


def _note_failure(node: Node, publisher: str, error: ComityError) -> None:
    with node.store.write() as session:
        feed = session.get(PeerFeed, publisher) or PeerFeed(publisher=publisher)
        feed.last_error = error.message
        session.add(feed)
        if error.code in ("feed-fork", "feed-rollback", "corrupt"):
            raise_alarm(session, node, "critical", error.code, f"feed of {publisher}: {error.message}")


def peer_feeds(session: Session) -> list[PeerFeed]:
    """How far each peer's feed has been read."""
    return list(session.exec(select(PeerFeed).order_by(col(PeerFeed.publisher))).all())
