"""Publishing: each peer's feed is brought to what the gate permits that peer today.

Publishing is a disclosure and is decided as one, for each peer. A feed is a chain of signed links; the
bodies of links whose tokens were withdrawn vanish, and whoever had not read them gets a snapshot.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, insert, select

from comity import envelope as envelopes
from comity.errors import Conflict, Forbidden
from comity.pseudonym import token
from comity.v1 import feed_pb2
from node.flow import publish as flow
from node.records import FeedEntryRow, ImportRow, PublishedToken, Selector, SelectorRecord
from node.service import gate, ledger
from node.service.context import Node
from node.service.matching import output_of
from node.service.outgoing import sign
from policy import Action

_LIFETIME = timedelta(days=400)


def publish(node: Node) -> Iterator[dict[str, Any]]:
    """Brings every peer's feed up to date; yields progress, then what was published and withheld."""
    with node.store.read() as session:
        peers = audiences(session, node)
    report: dict[str, Any] = {}
    for number, peer in enumerate(peers):
        with node.store.write() as session:
            report[peer] = publish_to(session, node, peer)
        yield {"done": number + 1, "total": len(peers), "what": f"feed to {peer}"}
    node.wake("publish")
    yield {"result": {"feeds": report}}


def audiences(session: Session, node: Node) -> list[str]:
    """The peers that get a feed: all members but submit-only ones."""
    members = node.roster(session).members
    return [member.team for member in members if member.team != node.team and not member.submit_only]


def publish_to(session: Session, node: Node, audience: str) -> dict[str, Any]:
    """One audience's feed, in one transaction."""
    epoch = node.key_set(session).epoch
    wanted, owners, withheld = _wanted(session, node, audience)
    standing = {
        row.token: row.token_class
        for row in session.exec(select(PublishedToken).where(PublishedToken.audience == audience)).all()
    }
    change = flow.change(standing, wanted)
    _forget(session, audience, change.removed)
    before = last_entry(session, audience)
    for entry in flow.entries(change, node.chance):
        sequence = _append(session, node, audience, epoch, entry)
        rows = [
            {
                "audience": audience,
                "selector_id": owners[piece],
                "epoch": epoch,
                "token": piece,
                "token_class": wanted[piece],
                "sequence": sequence,
            }
            for piece in flow.split(entry.body.added)
            if piece in owners  # the others are padding
        ]
        if rows:
            session.exec(insert(PublishedToken), params=rows)
    if before is not None:
        _vanish(session, audience, change.removed, before.sequence)
    if change:
        _log(session, node, audience, change)
    return {
        "published": len(wanted),
        "added": len(change.added),
        "removed": len(change.removed),
        "withheld": withheld,
    }


def _forget(session: Session, audience: str, tokens: Iterable[bytes]) -> None:
    listed = list(tokens)
    for start in range(0, len(listed), flow.LIMIT):
        piece = col(PublishedToken.token).in_(listed[start : start + flow.LIMIT])
        session.exec(delete(PublishedToken).where(col(PublishedToken.audience) == audience, piece))


def _wanted(
    session: Session, node: Node, audience: str
) -> tuple[dict[bytes, str], dict[bytes, int], list[dict[str, str]]]:
    """Tokens that the gate permits, their selectors, and what it withholds with the article."""
    wanted: dict[bytes, str] = {}
    owners: dict[bytes, int] = {}
    withheld: list[dict[str, str]] = []
    query = (
        select(SelectorRecord, Selector)
        .join(Selector, col(Selector.id) == col(SelectorRecord.selector_id))
        .where(SelectorRecord.state == "live")
        .order_by(col(SelectorRecord.created_at), col(SelectorRecord.id))
    )
    verdicts = gate.Verdicts(session, node, Action.PUBLISH, audience)
    for record, selector in session.exec(query).all():
        verdict = verdicts.of(record)
        if not verdict.permitted:
            withheld.append(
                {
                    "record": record.id,
                    "kind": selector.kind,
                    "file": _file(session, record),
                    "source": record.source.partition(":")[2],
                    "article": verdict.citation,
                    "reason": verdict.reason,
                    "way_out": verdict.way_out,
                }
            )
        elif selector.output_sealed is not None and selector.id is not None:
            # A pseudonym of an earlier epoch stands until its successor is there: no gap in matching.
            mine = token(output_of(session, node, selector.id), node.team)
            wanted.setdefault(mine, flow.class_of(record.facts))
            owners[mine] = selector.id
    return wanted, owners, withheld


def _file(session: Session, record: SelectorRecord) -> str:
    """The name of the case file that the record was read from."""
    row = session.get(ImportRow, record.source.partition(":")[0])
    return row.name if row else ""


def _append(session: Session, node: Node, audience: str, epoch: int, entry: flow.Entry) -> int:
    """Signs the next link of the chain and stores it with its body."""
    last = last_entry(session, audience)
    sequence = last.sequence + 1 if last else 1
    body = entry.body.SerializeToString(deterministic=True)
    link = feed_pb2.FeedEntry(
        publisher=node.team,
        audience=audience,
        sequence=sequence,
        previous=last.digest if last else bytes(32),
        body_digest=hashlib.sha256(body).digest(),
        kind=feed_pb2.FEED_ENTRY_KIND_SNAPSHOT if entry.snapshot else feed_pb2.FEED_ENTRY_KIND_DELTA,
        epoch=epoch,
        purpose=node.key_set(session).purpose,
        classes=entry.classes,
        created_at_ms=envelopes.milliseconds(node.now()),
        complete=entry.complete,
    )
    statement = sign(node, link, [audience], _LIFETIME)
    session.add(
        FeedEntryRow(
            audience=audience,
            sequence=sequence,
            digest=envelopes.digest(statement),
            envelope=statement.SerializeToString(),
            body=body,
            snapshot=entry.snapshot,
            complete=entry.complete,
            created_at=node.now(),
        )
    )
    session.flush()
    return sequence


def _vanish(session: Session, audience: str, removed: set[bytes], through: int) -> None:
    """Bodies that hold a removed token go; the entries after `through`, which remove it, stay readable."""
    if not removed:
        return
    rows = session.exec(
        select(FeedEntryRow).where(
            FeedEntryRow.audience == audience,
            FeedEntryRow.sequence <= through,
            col(FeedEntryRow.body).is_not(None),
        )
    ).all()
    for row in rows:
        body = feed_pb2.FeedBody.FromString(row.body or b"")
        if removed & set(flow.split(body.added)):
            row.body = None
            session.add(row)


def last_entry(session: Session, audience: str) -> FeedEntryRow | None:
    """The newest link of the feed to an audience."""
    query = select(FeedEntryRow).where(FeedEntryRow.audience == audience)
    return session.exec(query.order_by(col(FeedEntryRow.sequence).desc())).first()


def serve(node: Node, audience: str, after: int, digest: bytes) -> list[feed_pb2.PullResponse]:
    """What `audience` has not read yet, and the head signed now.

    A reader whose cursor names another entry than ours has met a fork: it is refused, and both sides
    can show what they hold.
    """
    with node.store.write() as session:
        if node.roster(session).team(audience).submit_only:
            raise Forbidden("a submit-only member receives no feed", field="audience")
        _check_cursor(session, audience, after, digest)
        rows = _rows(session, audience, after)
        if _has_gap(rows):
            _snapshot(session, node, audience)
            rows = _rows(session, audience, after)
        pages = [
            feed_pb2.PullResponse(entry=envelopes.parse_envelope(row.envelope), body=row.body or b"")
            for row in rows
        ]
        last = last_entry(session, audience)
        head = feed_pb2.FeedHead(
            publisher=node.team,
            audience=audience,
            sequence=last.sequence if last else 0,
            digest=last.digest if last else b"",
            signed_at_ms=envelopes.milliseconds(node.now()),
        )
    return [*pages, feed_pb2.PullResponse(head=sign(node, head, [audience], timedelta(days=1)))]


def _check_cursor(session: Session, audience: str, after: int, digest: bytes) -> None:
    if after == 0:
        return
    row = session.get(FeedEntryRow, (audience, after))
    if row is None or row.digest != digest:
        raise Conflict(
            "the reader's cursor names an entry that this feed does not have",
            code="feed-fork",
            field="digest",
            remedy="compare both sides' feed entries: one of them was rolled back or forked",
        )


def _rows(session: Session, audience: str, after: int) -> list[FeedEntryRow]:
    query = select(FeedEntryRow).where(FeedEntryRow.audience == audience, FeedEntryRow.sequence > after)
    return list(session.exec(query.order_by(col(FeedEntryRow.sequence))).all())


def _has_gap(rows: list[FeedEntryRow]) -> bool:
    """Whether a body is missing that no later snapshot makes up for. A snapshot with a gap is none."""
    gap, whole = False, True
    for row in rows:
        whole = whole and row.body is not None
        if row.snapshot and row.complete:
            gap, whole = not whole, True
        elif not row.snapshot:
            gap, whole = gap or row.body is None, True
    return gap


def _snapshot(session: Session, node: Node, audience: str) -> None:
    epoch = node.key_set(session).epoch
    standing = session.exec(select(PublishedToken).where(PublishedToken.audience == audience)).all()
    everything = flow.Change({row.token: row.token_class for row in standing}, set())
    for entry in flow.entries(everything, node.chance, snapshot=True):
        _append(session, node, audience, epoch, entry)


def _log(session: Session, node: Node, audience: str, change: flow.Change) -> None:
    last = last_entry(session, audience)
    ledger.record(
        session,
        node,
        "disclosure" if change.added else "erasure",
        member=audience,
        recipient=audience,
        justification=f"feed: {len(change.added)} pseudonyms added, {len(change.removed)} removed",
        legal_basis="Directive (EU) 2023/977 Article 7; LED Articles 4, 6, 7, 8",
        query_type="pseudonyms",
        result=f"feed {audience} sequence {last.sequence if last else 0}",
        subject=f"feed:{audience}",
    )


def published_count(session: Session) -> int:
    """Tokens that stand in all feeds now."""
    return int(session.exec(select(func.count()).select_from(PublishedToken)).one())
