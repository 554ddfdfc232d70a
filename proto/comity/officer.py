"""Officers: who may approve, certified by the team's root key; the node never holds an officer's key.

The rules:

* A certificate binds an officer's name, key and roles to one team, and is signed by that team's root key.
* An approval is an Ed25519 signature over `b"comity officer v1"` and the 32-byte digest of exactly what is
  approved. The role in which someone approves is not in those bytes: whoever computes the digest puts the
  role into what is digested, where it matters.
* An approval counts at one instant: the certificate is in force then, and lists the required role.
* Officer keys rest in a text file; with a passphrase they are sealed (Argon2id, XChaCha20-Poly1305, the
  heading authenticated).

Left to others: that the proposer is not the approver, how many eyes a decision needs, revocation before
`not_after` (the team publishes a new roster with a new root key).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.envelope import (
    MAX_SKEW,
    Chance,
    Signer,
    check_federation_of,
    check_not_from_the_future,
    instant,
    milliseconds,
    read_header,
    read_payload,
    sign,
    signature_is_good,
    verify_signatures,
)
from comity.errors import Expired, Forbidden, Malformed, Unauthenticated
from comity.identifiers import check_federation, check_team
from comity.roster import TrustedRoster
from comity.v1.delivery_pb2 import OfficerSignature
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import OfficerCertificate

APPROVAL_PREFIX = b"comity officer v1"
MAX_VALIDITY = timedelta(days=732)

_OFFICER = re.compile(r"[a-z][a-z0-9-]{1,31}")
_ROLE = re.compile(r"R-[A-Z]{2,8}")


@dataclass(frozen=True, slots=True)
class Officer:
    """A person as other nations see them: a team, a name inside it, roles, a key."""

    team: str
    officer: str
    roles: frozenset[str]
    public_key: bytes


def check_officer(text: str, field: str = "officer") -> str:
    """`text` itself when it is an officer's name inside a team, e.g. "officer-1"; Malformed otherwise."""
    if not _OFFICER.fullmatch(text):
        raise Malformed("An officer's name has 2 to 32 of a-z, 0-9 and '-', first a letter.", field=field)
    return text


def certify(
    root_signer: Signer,
    *,
    federation: str,
    team: str,
    officer: str,
    public_key: bytes,
    roles: Sequence[str],
    not_before: datetime,
    not_after: datetime,
    now: datetime,
    chance: Chance,
) -> Envelope:
    """A certificate signed with the team's root key; valid from `not_before` until before `not_after`."""
    certificate = OfficerCertificate(
        federation=federation,
        team=team,
        officer=officer,
        public_key=public_key,
        roles=sorted(set(roles)),
        not_before_ms=milliseconds(not_before),
        not_after_ms=milliseconds(not_after),
    )
    _check_form(certificate)
    return sign(
        certificate,
        signer=root_signer,
        federation=federation,
        sender=team,
        recipients=["*"],
        issued_at=now,
        lifetime=not_after - now,
        chance=chance,
    )


def open_certificate(envelope: Envelope, roster: TrustedRoster, now: datetime) -> Officer:
    """The officer that `envelope` certifies at `now`.

    1. A root key of the roster signed the bytes (Unauthenticated).
    2. Header and certificate parse and are well formed (Malformed).
    3. The root key is the very team's that the certificate and the sender name (Unauthenticated).
    4. It belongs to this federation (Forbidden).
    5. It is in force at `now` (Expired).
    """
    roots = {each.key_id: roster.by_root_key(each.key_id) for each in envelope.signatures}
    owners = {key: owner for key, owner in roots.items() if owner is not None}
    valid = verify_signatures(envelope, {key: owner.public for key, owner in owners.items()})  # 1
    if not valid:
        raise Unauthenticated("No root key signed the certificate.", code="unknown-key", field="certificate")
    header = read_header(envelope)  # 2
    certificate = read_payload(envelope, header, OfficerCertificate)
    _check_form(certificate)
    signed_by = {owners[key].team for key in valid}
    if header.sender != certificate.team or certificate.team not in signed_by:  # 3
        raise Unauthenticated(
            "Another team certified this officer.", code="wrong-sender", field="certificate"
        )
    check_federation_of(header, roster.federation)  # 4
    check_federation_of(header, certificate.federation)
    _check_in_force(certificate, header.issued_at_ms, now)  # 5
    return Officer(
        certificate.team, certificate.officer, frozenset(certificate.roles), certificate.public_key
    )


def _check_form(certificate: OfficerCertificate) -> None:
    check_federation(certificate.federation)
    check_team(certificate.team)
    check_officer(certificate.officer)
    if len(certificate.public_key) != 32:
        raise Malformed("An officer's key has 32 bytes.", field="public_key")
    if not certificate.roles or not all(_ROLE.fullmatch(each) for each in certificate.roles):
        raise Malformed("An officer has at least one role code, such as R-LO.", field="roles")
    validity = instant(certificate.not_after_ms, "not_after") - instant(
        certificate.not_before_ms, "not_before"
    )
    if not timedelta(0) < validity <= MAX_VALIDITY:
        raise Malformed("A certificate is valid for some time, and two years at most.", field="not_after")


def _check_in_force(certificate: OfficerCertificate, issued_ms: int, now: datetime) -> None:
    check_not_from_the_future(issued_ms, now)
    if milliseconds(now + MAX_SKEW) < certificate.not_before_ms:
        raise Expired("The officer's certificate is not in force yet.", code="not-yet", field="certificate")
    if milliseconds(now) >= certificate.not_after_ms:
        raise Expired("The officer's certificate is over.", field="certificate", remedy="renew it")


def approval_message(digest: bytes) -> bytes:
    """The bytes an officer signs to approve what has this SHA-256 digest (32 bytes)."""
    if len(digest) != 32:
        raise Malformed("A digest has 32 bytes.", field="digest")
    return APPROVAL_PREFIX + digest


def sign_approval(seed: bytes, digest: bytes) -> bytes:
    """The 64-byte approval of `digest` by the officer whose key is made from `seed`."""
    return Signer(seed).sign(approval_message(digest))


def approve(
    seed: bytes, digest: bytes, *, officer: str, certificate: Envelope, role: str
) -> OfficerSignature:
    """The approval as it travels: signature, certificate and the role in which the officer signs."""
    return OfficerSignature(
        officer=check_officer(officer),
        certificate=certificate,
        signature=sign_approval(seed, digest),
        role=role,
    )


def check_approval(
    approval: OfficerSignature,
    digest: bytes,
    *,
    roster: TrustedRoster,
    team: str,
    required_role: str,
    now: datetime,
) -> Officer:
    """The officer of `team` who approved `digest` in `required_role`, if one did.

    1. The certificate holds at `now` (see `open_certificate`).
    2. It is `team`'s, and names the same officer as the approval (Forbidden, Unauthenticated).
    3. It lists `required_role`, and that is the role signed in (Forbidden).
    4. The signature fits the digest (Unauthenticated).
    """
    officer = open_certificate(approval.certificate, roster, now)  # 1
    if officer.team != team:  # 2
        raise Forbidden(
            "The officer belongs to another team.", code="wrong-team", field="approval.certificate"
        )
    if officer.officer != approval.officer:
        raise Unauthenticated("The certificate names another officer.", field="approval.officer")
    if required_role not in officer.roles or approval.role != required_role:  # 3
        raise Forbidden(
            "The officer does not hold the role that this approval needs.",
            code="wrong-role",
            field="approval.role",
            remedy=f"an officer with {required_role} has to sign",
        )
    if not signature_is_good(officer.public_key, approval_message(digest), approval.signature):  # 4
        raise Unauthenticated(
            "The approval is for something else.", code="bad-signature", field="approval.signature"
        )
    return officer
