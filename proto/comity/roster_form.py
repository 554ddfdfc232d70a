"""What a well-formed roster is: every rule about its fields, apart from trust in it.

The rules: each check names the field at fault; nothing is repaired; what is not understood is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nacl.bindings import crypto_core_ed25519_is_valid_point

from comity.envelope import instant
from comity.errors import Malformed
from comity.identifiers import check_broker, check_federation, check_team
from comity.v1.roster_pb2 import BrokerCard, MemberClass, Roster, TeamCard

SIGNING_KEY_SIZE = 32  # bytes, Ed25519
SEALING_KEY_SIZE = 1216  # bytes, X-Wing
MODES = ("live", "exercise")
MAX_MEMBERS = 255

_STATES = (
    MemberClass.MEMBER_CLASS_MEMBER_STATE,
    MemberClass.MEMBER_CLASS_ASSOCIATED_STATE,
    MemberClass.MEMBER_CLASS_THIRD_STATE,
)
_ADDRESS = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]):(\d{1,5})"
)
_PEM = re.compile(rb"\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*")


def is_elector(member_class: MemberClass.ValueType) -> bool:
    """Whether a member of this class signs rosters and may hold a share."""
    return member_class != MemberClass.MEMBER_CLASS_PRIVATE


def check_card(card: TeamCard) -> None:
    """Malformed, naming the field, unless the team card is well formed."""
    check_team(card.team)
    _check_class(card)
    _check_name(card.name)
    if card.address or is_elector(card.member_class):
        check_address(card.address)
    _check_ed25519(card.root_key, "root_key")
    _check_ed25519(card.signing_key, "signing_key")
    if card.root_key == card.signing_key:
        raise Malformed("The root key must not be the node's signing key.", field="root_key")
    if len(card.sealing_key) != SEALING_KEY_SIZE:
        raise Malformed("An X-Wing public key has 1216 bytes.", field="sealing_key")
    _check_pem(card.authority_pem)


def check_broker_card(card: BrokerCard) -> None:
    """Malformed, naming the field, unless the broker card is well formed."""
    check_broker(card.broker)
    _check_name(card.name)
    check_address(card.address)
    _check_ed25519(card.witness_key, "witness_key")
    _check_pem(card.authority_pem)


def check_address(address: str) -> None:
    """Malformed unless `address` is host:port (an IPv6 host in brackets), port 1 to 65535."""
    found = _ADDRESS.fullmatch(address)
    if not found or not 1 <= int(found.group(1)) <= 65535:
        raise Malformed("An address is host:port.", field="address")


def check_roster(roster: Roster) -> None:
    """Malformed, naming the field, unless the roster is well formed and agrees with itself."""
    check_federation(roster.federation)
    if roster.mode not in MODES:
        raise Malformed("The mode is 'live' or 'exercise'.", field="mode")
    _check_version(roster)
    if not 1 <= len(roster.members) <= MAX_MEMBERS:
        raise Malformed("A roster has 1 to 255 members.", field="members")
    for member in roster.members:
        check_card(member.card)
    for broker in roster.brokers:
        check_broker_card(broker)
    _check_unique(roster)
    _check_shares(roster)
    _check_thresholds(roster)


def _check_class(card: TeamCard) -> None:
    known = set(MemberClass.values()) - {MemberClass.MEMBER_CLASS_UNSPECIFIED}
    if card.member_class not in known:
        raise Malformed("The member class is not known.", field="member_class")
    is_state = card.member_class in _STATES
    if is_state and not re.fullmatch(r"[A-Z]{2}", card.state):
        raise Malformed("A state is written in two capital letters (ISO 3166-1).", field="state")
    if not is_state and card.state:
        raise Malformed("Only a state's team names a state.", field="state")


def _check_name(name: str) -> None:
    if not 1 <= len(name) <= 200 or not name.isprintable() or name != name.strip():
        raise Malformed("A name has 1 to 200 printable characters.", field="name")


def _check_ed25519(key: bytes, field: str) -> None:
    if len(key) != SIGNING_KEY_SIZE or not crypto_core_ed25519_is_valid_point(key):
        raise Malformed("The key is not an Ed25519 public key of 32 bytes.", field=field)


def _check_pem(pem: bytes) -> None:
    if not _PEM.fullmatch(pem):
        raise Malformed("The certificate authority is exactly one PEM certificate.", field="authority_pem")


def _check_version(roster: Roster) -> None:
    if roster.version < 1:
        raise Malformed("Versions count from 1.", field="version")
    if len(roster.previous) != (0 if roster.version == 1 else 32):
        raise Malformed(
            "Every version but the first names its predecessor by 32 bytes of SHA-256.", field="previous"
        )
    issued = instant(roster.issued_at_ms, "issued_at_ms")
    if instant(roster.expires_at_ms, "expires_at_ms") <= issued:
        raise Malformed("The roster expires before it is issued.", field="expires_at_ms")


def _check_unique(roster: Roster) -> None:
    cards = [each.card for each in roster.members]
    _refuse_doubles((each.team for each in cards), "team")
    _refuse_doubles((each.broker for each in roster.brokers), "broker")
    _refuse_doubles((each.sealing_key for each in cards), "sealing_key")
    signing = [each.root_key for each in cards] + [each.signing_key for each in cards]
    _refuse_doubles(signing + [each.witness_key for each in roster.brokers], "signing_key")
    _refuse_doubles((each.share_index for each in roster.members if each.share_index), "share_index")


def _refuse_doubles(values: Iterable[object], field: str) -> None:
    listed = list(values)
    if len(set(listed)) != len(listed):
        raise Malformed("The roster says the same twice where it must differ.", code="double", field=field)


def _check_shares(roster: Roster) -> None:
    for member in roster.members:
        if member.share_index > 255:
            raise Malformed("A share index is 1 to 255, or 0 for none.", field="share_index")
        if member.share_index and not is_elector(member.card.member_class):
            raise Malformed("A submit-only member holds no share.", field="share_index")


def _check_thresholds(roster: Roster) -> None:
    electors = sum(is_elector(each.card.member_class) for each in roster.members)
    holders = sum(each.share_index > 0 for each in roster.members)
    if not 1 <= roster.root_threshold <= electors:
        raise Malformed(
            "The root threshold is between 1 and the number of voting members.", field="root_threshold"
        )
    if not 2 <= roster.share_threshold <= holders:
        raise Malformed(
            "The share threshold is between 2 and the number of share holders.", field="share_threshold"
        )
