"""Team cards: a team's own statement about itself, which the roster repeats.

The rules: a card is signed by the root key that it names, so it proves possession of that key and nothing
more. Who composes a roster compares each card's fingerprint with a person of that team, by voice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from comity.envelope import (
    Chance,
    Signer,
    check_federation_of,
    check_not_from_the_future,
    read_header,
    read_payload,
    sign,
    verify_signatures,
)
from comity.errors import Malformed, Unauthenticated
from comity.identifiers import fingerprint, key_id
from comity.roster_form import check_card
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import MemberClass, TeamCard

CARD_LIFETIME = timedelta(days=28)


def fingerprint_of(envelope: Envelope) -> str:
    """The fingerprint of a card's or roster's envelope: over its payload, whoever has signed it."""
    return fingerprint(envelope.payload)


def make_card(
    *,
    team: str,
    state: str,
    name: str,
    member_class: MemberClass.ValueType,
    address: str,
    root_key: bytes,
    signing_key: bytes,
    sealing_key: bytes,
    authority_pem: bytes,
) -> TeamCard:
    """A checked team card; Malformed names the field that is wrong."""
    card = TeamCard(
        team=team,
        state=state,
        name=name,
        member_class=member_class,
        address=address,
        root_key=root_key,
        signing_key=signing_key,
        sealing_key=sealing_key,
        authority_pem=authority_pem,
    )
    check_card(card)
    return card


def sign_card(
    card: TeamCard, *, root_signer: Signer, federation: str, issued_at: datetime, chance: Chance
) -> Envelope:
    """The card signed by its own root key: what a team hands to whoever composes the roster."""
    check_card(card)
    if root_signer.public != card.root_key:
        raise Malformed("The card names another root key than the one that signs it.", field="root_key")
    return sign(
        card,
        signer=root_signer,
        federation=federation,
        sender=card.team,
        recipients=["*"],
        issued_at=issued_at,
        lifetime=CARD_LIFETIME,
        chance=chance,
    )


def open_card(envelope: Envelope, federation: str, now: datetime) -> TeamCard:
    """A self-signed card. It proves possession of the root key and nothing more: compare its fingerprint."""
    header = read_header(envelope)
    card = read_payload(envelope, header, TeamCard)
    check_card(card)
    if not verify_signatures(envelope, {key_id(card.root_key): card.root_key}):
        raise Unauthenticated("The card's root key did not sign it.", code="unknown-key", field="signatures")
    if header.sender != card.team:
        raise Unauthenticated("The card is another team's.", code="wrong-sender", field="sender")
    check_federation_of(header, federation)
    check_not_from_the_future(header.issued_at_ms, now)
    return card
