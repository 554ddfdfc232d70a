"""The figures of docs/protocol/feeds.md and disclosure.md, computed by the code that they are about."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from google.protobuf.message import Message

from comity import envelope as envelopes
from comity.envelope import Signer, milliseconds
from comity.handling import Handling, StickyConditions
from comity.pseudonym import hit_id, notice_proof, token
from comity.v1 import delivery_pb2, feed_pb2
from comity.v1.envelope_pb2 import Envelope
from node.flow import answer, publish
from node.service import clocks, consents, requests

SEED = bytes.fromhex("1601188a4e7ec28575f4c04c12c9a8936eed830ca8d1c3f37fb34bdf1495afa4")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OUTPUT = bytes(range(64))
OTHER = bytes(range(64, 128))
REQUEST, DECISION = bytes(range(16)), "0c9d" * 8


def plain(message: Message) -> bytes:
    """The one written form of a message."""
    return message.SerializeToString(deterministic=True)


def counted(size: int) -> bytes:
    """Chance that anybody can repeat."""
    counted.drawn += 1  # type: ignore[attr-defined]
    return hashlib.sha256(f"padding {counted.drawn}".encode()).digest()[:size]  # type: ignore[attr-defined]


def signed(message: Message, lifetime: timedelta) -> Envelope:
    """A statement of `it` to `nl`."""
    return envelopes.sign(
        message,
        signer=Signer(SEED),
        federation="eu-thb",
        sender="it",
        recipients=["nl"],
        issued_at=NOW,
        lifetime=lifetime,
        chance=lambda size: bytes(range(0xA0, 0xA0 + size)),
    )


def feed() -> dict[str, bytes]:
    """The figures of feeds.md."""
    counted.drawn = 0  # type: ignore[attr-defined]
    phone = publish.class_of(
        {
            "kind": "phone",
            "retention_until": "2029-12-31",
            "crime_area": "trafficking-in-human-beings",
            "handling": "H0",
        }
    )
    change = publish.Change({token(OUTPUT, "it"): phone, token(OTHER, "it"): phone}, set())
    [made] = publish.entries(change, counted)
    body = plain(made.body)
    entry = feed_pb2.FeedEntry(
        publisher="it",
        audience="nl",
        sequence=1,
        previous=bytes(32),
        body_digest=hashlib.sha256(body).digest(),
        kind=feed_pb2.FEED_ENTRY_KIND_DELTA,
        epoch=3,
        purpose="thb",
        classes=made.classes,
        created_at_ms=milliseconds(NOW),
        complete=made.complete,
    )
    digest = envelopes.digest(signed(entry, timedelta(days=400)))
    head = feed_pb2.FeedHead(
        publisher="it", audience="nl", sequence=1, digest=digest, signed_at_ms=milliseconds(NOW)
    )
    return {
        "output": OUTPUT,
        "body": body,
        "body-digest": hashlib.sha256(body).digest(),
        "entry": plain(entry),
        "entry-digest": digest,
        "pull": plain(feed_pb2.PullRequest(after=1, digest=digest)),
        "head": plain(head),
        "notice": plain(notice()),
    }


def notice() -> delivery_pb2.HitNotice:
    """The hit notice of feeds.md."""
    hit = hit_id(OUTPUT, "it", "nl")
    return delivery_pb2.HitNotice(
        hit=hit,
        epoch=3,
        kind="phone",
        crime_area="trafficking-in-human-beings",
        proof=notice_proof(OUTPUT, "it", "nl", hit),
    )


def ask() -> delivery_pb2.InformationRequest:
    """The request of disclosure.md."""
    return requests.message_of(
        requests.Ask(
            request=REQUEST.hex(),
            hit=hit_id(OUTPUT, "it", "nl").hex(),
            items=["2(h)", "4(c)"],
            legal_basis="art. 4 Wpg",
            case_reference="NL-2026-0451",
            facts="Adverts of one group",
            link="In three adverts",
            urgency="U2",
            urgency_reasons="A victim may be moved",
            exception="b",
            subject_category="suspect",
        )
    )


def disclosed() -> tuple[delivery_pb2.DisclosureContent, delivery_pb2.RefusedItem, bytes]:
    """Content, refusal and id of the disclosure of disclosure.md."""
    name = answer.disclosure_id(REQUEST, DECISION, ["9a0b"], 0)
    conditions = StickyConditions(
        purpose="thb",
        origin="IT",
        handling=frozenset({Handling.H0}),
        evaluation="A1",
        assessment=False,
        evidence_use=False,
        onward=False,
        retention_until=datetime(2029, 12, 31, 23, 59, 59, tzinfo=UTC),
    )
    item = delivery_pb2.DisclosedItem(
        item="9a0b",
        category="2(h)",
        label="subscriber",
        value="Prepaid",
        conditions=conditions.to_message(),
        article="Directive (EU) 2023/977, Article 5(1)",
    )
    content = delivery_pb2.DisclosureContent(request=REQUEST, disclosure=name, items=[item])
    return content, answer.not_available("4(c)"), name


def disclosure() -> dict[str, bytes]:
    """The figures of disclosure.md."""
    content, refused, name = disclosed()
    content_digest = hashlib.sha256(plain(content)).digest()
    approved = answer.approval_digest(
        request=REQUEST,
        disclosure=name,
        addressee="nl",
        route="comity",
        content_digest=content_digest,
        refused=[refused],
    )
    receipt = delivery_pb2.DisclosureReceipt(
        request=REQUEST, disclosure=name, content_digest=content_digest, received_at_ms=milliseconds(NOW)
    )
    consent = delivery_pb2.ConsentRequest(
        consent=bytes(range(16, 32)),
        use="onward",
        recipient="ro",
        category="2(h)",
        purpose="thb",
        offence="thb",
        reason="Same group",
        disclosure=name,
        item="9a0b",
    )
    return {
        "request": plain(ask()),
        "request-digest": requests.digest_of(ask()),
        "words-digest": clocks.words_digest(REQUEST.hex(), "clarify", "Which case is it?"),
        "content": plain(content),
        "content-digest": content_digest,
        "refused": plain(refused),
        "disclosure-id": name,
        "approval-digest": approved,
        "receipt": plain(receipt),
        "consent": plain(consent),
        "consent-digest": consents.digest_of(consent),
    }
