"""Rosters as a composer works on them: from cards and the roster before, and in words.

Nothing here trusts a roster: the composer vouches for the cards by voice, members for the result.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity.errors import ComityError, Malformed
from node.cli import files

if TYPE_CHECKING:
    from comity.roster import TrustedRoster
    from comity.v1.envelope_pb2 import Envelope
    from comity.v1.roster_pb2 import BrokerCard, TeamCard


def chain_of(paths: list[Path]) -> TrustedRoster | None:
    """The newest of the rosters, each judged by the one before; who composes vouches for the first."""
    from comity.roster import TrustedRoster, fingerprint_of

    if not paths:
        return None
    first, *later = [files.read_envelope(path, "previous") for path in paths]
    trusted = TrustedRoster.pin(first, fingerprint_of(first), datetime.now(UTC))
    for envelope in later:
        trusted = trusted.advance(envelope, datetime.now(UTC))
    return trusted


def merged(given: list[TeamCard], chain: TrustedRoster | None, leaving: set[str]) -> list[TeamCard]:
    """New cards, and those of the previous roster's other members."""
    from comity.roster import make_card

    known = {each.team for each in chain.members} if chain else set()
    if leaving - known:
        raise Malformed("The previous roster has no such team.", field="without")
    away = leaving | {each.team for each in given}
    kept = [
        make_card(
            team=each.team,
            state=each.state,
            name=each.name,
            member_class=each.member_class,
            address=each.address,
            root_key=each.root_key,
            signing_key=each.signing_key,
            sealing_key=each.sealing_key,
            authority_pem=each.authority_pem,
        )
        for each in (chain.members if chain else ())
        if each.team not in away
    ]
    return [*kept, *given]


def brokers_of(paths: list[Path], chain: TrustedRoster | None) -> list[BrokerCard]:
    """The brokers whose cards are given, and those of the previous roster."""
    from comity.transport.broker_card import from_text
    from comity.v1.roster_pb2 import BrokerCard

    given = [from_text(files.read(path, "broker").decode(errors="replace")) for path in paths]
    names = {each.broker for each in given}
    kept = [
        BrokerCard(
            broker=each.broker,
            name=each.name,
            address=each.address,
            witness_key=each.witness_key,
            authority_pem=each.authority_pem,
        )
        for each in (chain.brokers if chain else ())
        if each.broker not in names
    ]
    return [*kept, *given]


def root_keys(envelope: Envelope) -> dict[bytes, tuple[str, bytes]]:
    """Key id to team and root key of every voting member."""
    from comity.identifiers import key_id
    from comity.roster_form import is_elector
    from comity.v1.roster_pb2 import Roster

    cards = [each.card for each in Roster.FromString(envelope.payload).members]
    voting = [card for card in cards if is_elector(card.member_class)]
    return {key_id(card.root_key): (card.team, card.root_key) for card in voting}


def shown(envelope: Envelope) -> dict[str, Any]:
    """A roster in words. Nothing here says that it is trusted."""
    from comity.card import fingerprint_of
    from comity.envelope import instant, read_header, read_payload, verify_signatures
    from comity.roster_form import check_roster
    from comity.v1.roster_pb2 import MemberClass, Roster

    roster = read_payload(envelope, read_header(envelope), Roster)
    check_roster(roster)
    keys = root_keys(envelope)
    try:
        valid = verify_signatures(envelope, {name: public for name, (_, public) in keys.items()})
        problem = None
    except ComityError as error:
        valid, problem = frozenset(), error.message
    return {
        "federation": roster.federation,
        "version": roster.version,
        "mode": roster.mode,
        "fingerprint": fingerprint_of(envelope),
        "threshold": roster.share_threshold,
        "root_threshold": roster.root_threshold,
        "signed_by": sorted(keys[name][0] for name in valid),
        "other_signatures": sum(each.key_id not in keys for each in envelope.signatures),
        "signature_problem": problem,
        "expires_at": instant(roster.expires_at_ms).isoformat(),
        "members": [
            {
                "team": each.card.team,
                "state": each.card.state,
                "class": MemberClass.Name(each.card.member_class).removeprefix("MEMBER_CLASS_").lower(),
                "address": each.card.address,
                "share": each.share_index or None,
                "name": each.card.name,
            }
            for each in roster.members
        ],
        "brokers": [{"broker": each.broker, "address": each.address} for each in roster.brokers],
    }
