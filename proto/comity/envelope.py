"""Signed envelopes: bytes are signed, never objects.

The rules (docs/protocol/envelope.md):

* What is signed is the pre-authentication encoding of the header and payload *bytes*. They are carried as
  they were signed and never serialised again. (The construction is DSSE's, with the header inside.)
* Verify before parse: nothing is read from bytes that no known key has signed.
* The header says who speaks to whom, in which federation, when, and until when; all of it is signed. An empty
  list of recipients addresses nobody.
* The digest names the statement, whoever has co-signed it since: receivers are idempotent by it.
* A signature by an unknown key is ignored; a wrong signature by a known key refuses the whole envelope.

Left to the caller: remembering digests until `expires_at` (replay inside the window), and whether this team
may make this statement at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar, overload

from google.protobuf.message import DecodeError, EncodeError, Message
from google.protobuf.message_factory import GetMessageClass
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from comity.errors import Expired, Forbidden, Malformed, Unauthenticated
from comity.identifiers import check_federation, check_team, key_id
from comity.v1 import ceremony_pb2, channel_pb2, delivery_pb2, feed_pb2, pseudonym_pb2, roster_pb2
from comity.v1.envelope_pb2 import Envelope, Header, Signature

PREFIX = b"comity-envelope-v1"
EVERYONE = "*"
MAX_SKEW = timedelta(minutes=5)
MAX_LIFETIME = timedelta(days=28)  # a statement; documents with an expiry of their own may live longer
MAX_SIGNATURES = 256
MAX_RECIPIENTS = 256

_SCHEMAS = tuple(
    each.DESCRIPTOR for each in (ceremony_pb2, channel_pb2, delivery_pb2, feed_pb2, pseudonym_pb2, roster_pb2)
)

Chance = Callable[[int], bytes]
"""A source of random bytes: `chance(n)` returns n of them."""

M = TypeVar("M", bound=Message)


class KeyOwner(NamedTuple):
    """A public signing key (32 bytes) and the team that owns it."""

    team: str
    public: bytes


KeyLookup = Callable[[bytes], KeyOwner | None]


@dataclass(frozen=True, slots=True)
class Opened(Generic[M]):
    """A statement that passed every check of `open_envelope`."""

    message: M
    header: Header
    signer_team: str
    digest: bytes
    signers: frozenset[str]
    """All known teams whose signatures the envelope carries, the sender among them."""


class Signer:
    """An Ed25519 private key (RFC 8032) that never shows itself in a representation."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise Malformed("A signing key is made from 32 bytes.", field="seed")
        self._key = SigningKey(seed)
        self.public = bytes(self._key.verify_key)
        self.key_id = key_id(self.public)

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over `data`."""
        return self._key.sign(data).signature

    def __repr__(self) -> str:
        return f"Signer(key_id={self.key_id.hex()})"


def signature_is_good(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `public` over `data`; False for any malformed input."""
    if len(public) != 32 or len(signature) != 64:
        return False
    try:
        VerifyKey(public).verify(data, signature)
    except BadSignatureError:
        return False
    return True


def milliseconds(at: datetime) -> int:
    """Milliseconds since the epoch of a time that knows its zone."""
    if at.tzinfo is None:
        raise ValueError("a time without its zone is ambiguous")
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def instant(ms: int, field: str = "time") -> datetime:
    """The UTC time of `ms` milliseconds since the epoch; Malformed outside the years 1970 to 9999."""
    if not 0 <= ms < 253_402_300_800_000:
        raise Malformed("The time is outside the years 1970 to 9999.", field=field)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def pae(header: bytes, payload: bytes) -> bytes:
    """Pre-authentication encoding: the bytes that are signed and hashed."""
    return b"".join(
        (PREFIX, len(header).to_bytes(8, "big"), header, len(payload).to_bytes(8, "big"), payload)
    )


def digest(envelope: Envelope) -> bytes:
    """SHA-256 over the pre-authentication encoding (32 bytes): the name of the statement."""
    return hashlib.sha256(pae(envelope.header, envelope.payload)).digest()


def enclose(
    message: Message,
    *,
    federation: str,
    sender: str,
    recipients: Sequence[str],
    issued_at: datetime,
    lifetime: timedelta,
    chance: Chance,
) -> Envelope:
    """An envelope without any signature yet, for documents that several parties sign with `co_sign`."""
    issued_ms = milliseconds(issued_at)
    header = Header(
        payload_type=message.DESCRIPTOR.full_name,
        federation=check_federation(federation),
        sender=check_team(sender, "sender"),
        recipients=recipients,
        id=chance(16),
        issued_at_ms=issued_ms,
        expires_at_ms=issued_ms + lifetime // timedelta(milliseconds=1),
    )
    _check_header_form(header)
    return Envelope(header=serialise(header), payload=serialise(message))


def sign(
    message: Message,
    *,
    signer: Signer,
    federation: str,
    sender: str,
    recipients: Sequence[str],
    issued_at: datetime,
    lifetime: timedelta,
    chance: Chance,
    co_signers: Sequence[Signer] = (),
) -> Envelope:
    """A signed statement of `sender`, to be refused from `issued_at + lifetime` on."""
    envelope = enclose(
        message,
        federation=federation,
        sender=sender,
        recipients=recipients,
        issued_at=issued_at,
        lifetime=lifetime,
        chance=chance,
    )
    for each in (signer, *co_signers):
        envelope = co_sign(envelope, each)
    return envelope


def co_sign(envelope: Envelope, signer: Signer) -> Envelope:
    """A copy of `envelope` with one more signature; the same signer twice changes nothing."""
    copy = Envelope()
    copy.CopyFrom(envelope)
    if all(each.key_id != signer.key_id for each in copy.signatures):
        signature = signer.sign(pae(envelope.header, envelope.payload))
        copy.signatures.append(Signature(key_id=signer.key_id, signature=signature))
    return copy


def serialise(message: Message) -> bytes:
    """Deterministic protobuf bytes of `message`."""
    try:
        return message.SerializeToString(deterministic=True)
    except (EncodeError, ValueError) as problem:
        raise Malformed("The message cannot be serialised.") from problem


def parse(kind: type[M], data: bytes, field: str) -> M:
    """Protobuf `data` as a message of `kind`; Malformed when it is none. Unknown fields are ignored."""
    try:
        return kind.FromString(data)
    except DecodeError as problem:
        raise Malformed(f"The bytes are not a {kind.DESCRIPTOR.full_name}.", field=field) from problem


def parse_envelope(data: bytes) -> Envelope:
    """Serialised `data` as an envelope; Malformed when it is none."""
    return parse(Envelope, data, "envelope")


def verify_signatures(envelope: Envelope, keys: Mapping[bytes, bytes]) -> frozenset[bytes]:
    """Ids of those `keys` (id to public key) whose signature is there and right.

    Unauthenticated when a signature that names one of `keys` is wrong: a half-good envelope is refused.
    """
    if len(envelope.signatures) > MAX_SIGNATURES:
        raise Malformed("The envelope carries too many signatures.", field="signatures")
    signed = pae(envelope.header, envelope.payload)
    valid = set()
    for each in envelope.signatures:
        public = keys.get(each.key_id)
        if public is None:
            continue  # an unknown key says nothing, for or against
        if not signature_is_good(public, signed, each.signature):
            raise Unauthenticated(
                "A signature does not fit the bytes.", code="bad-signature", field="signatures"
            )
        valid.add(each.key_id)
    return frozenset(valid)


@overload
def open_envelope(
    envelope: Envelope,
    *,
    keys: KeyLookup,
    federation: str,
    me: str | None,
    now: datetime,
    expected: type[M],
    max_skew: timedelta = MAX_SKEW,
    max_lifetime: timedelta = MAX_LIFETIME,
) -> Opened[M]: ...


@overload
def open_envelope(
    envelope: Envelope,
    *,
    keys: KeyLookup,
    federation: str,
    me: str | None,
    now: datetime,
    expected: None = None,
    max_skew: timedelta = MAX_SKEW,
    max_lifetime: timedelta = MAX_LIFETIME,
) -> Opened[Message]: ...


def open_envelope(
    envelope: Envelope,
    *,
    keys: KeyLookup,
    federation: str,
    me: str | None,
    now: datetime,
    expected: type[Message] | None = None,
    max_skew: timedelta = MAX_SKEW,
    max_lifetime: timedelta = MAX_LIFETIME,
) -> Opened[Any]:
    """The statement inside, once the whole recipe has passed.

    1. A known key signed the bytes, and no known key's signature is wrong (Unauthenticated).
    2. Only then the header is parsed, and is well formed (Malformed).
    3. The sender owns one of the keys that signed (Unauthenticated).
    4. The statement belongs to this federation (Forbidden).
    5. It is addressed to `me`, by name or by "*"; `me=None` is for those who only carry or audit (Forbidden).
    6. `now` is inside its window: not from the future beyond `max_skew`, not expired, not longer-lived than
       `max_lifetime` (Expired, Malformed).
    7. The payload is of the `expected` type; None accepts any message of `comity.v1` (Malformed).
    8. The payload parses (Malformed).

    The caller still has to: refuse a digest that it has accepted before; ask whether this team may say this.
    """
    owners = _known_owners(envelope, keys)  # 1
    valid = verify_signatures(envelope, {each: owner.public for each, owner in owners.items()})
    if not valid:
        raise Unauthenticated("No known key signed this.", code="unknown-key", field="signatures")
    header = read_header(envelope)  # 2
    signers = frozenset(owners[each].team for each in valid)
    if header.sender not in signers:  # 3
        raise Unauthenticated("The sender did not sign this.", code="wrong-sender", field="sender")
    check_federation_of(header, federation)  # 4
    check_addressee(header, me)  # 5
    check_window(header, now, max_skew=max_skew, max_lifetime=max_lifetime)  # 6
    message = read_payload(envelope, header, expected or payload_class(header.payload_type))  # 7, 8
    return Opened(message, header, header.sender, digest(envelope), signers)


def _known_owners(envelope: Envelope, keys: KeyLookup) -> dict[bytes, KeyOwner]:
    named = [each.key_id for each in envelope.signatures[:MAX_SIGNATURES]]
    found = {each: keys(each) for each in named}
    return {each: owner for each, owner in found.items() if owner is not None}


def read_header(envelope: Envelope) -> Header:
    """The header in its form (steps 2); call it on verified bytes only."""
    header = parse(Header, envelope.header, "header")
    _check_header_form(header)
    return header


def _check_header_form(header: Header) -> None:
    check_federation(header.federation, "header.federation")
    check_team(header.sender, "header.sender")
    if len(header.recipients) > MAX_RECIPIENTS:
        raise Malformed("The statement has too many addressees.", field="header.recipients")
    for each in header.recipients:
        if each != EVERYONE:
            check_team(each, "header.recipients")
    if len(header.id) != 16:
        raise Malformed("A statement's id has 16 bytes.", field="header.id")
    issued = instant(header.issued_at_ms, "header.issued_at_ms")
    if instant(header.expires_at_ms, "header.expires_at_ms") <= issued:
        raise Malformed("The statement expires before it is issued.", field="header.expires_at_ms")


def check_federation_of(header: Header, federation: str) -> None:
    """Step 4: a statement made in an exercise means nothing in the live federation."""
    if header.federation != federation:
        raise Forbidden(
            "The statement belongs to another federation.", code="wrong-federation", field="federation"
        )


def check_addressee(header: Header, me: str | None) -> None:
    """Step 5: an empty list addresses nobody."""
    if me is None or me in header.recipients or EVERYONE in header.recipients:
        return
    raise Forbidden("The statement is not addressed to this team.", code="not-addressed", field="recipients")


def check_window(
    header: Header, now: datetime, *, max_skew: timedelta = MAX_SKEW, max_lifetime: timedelta = MAX_LIFETIME
) -> None:
    """Step 6: inside its time at `now`, by a clock that may be `max_skew` behind the sender's."""
    check_not_from_the_future(header.issued_at_ms, now, max_skew)
    if milliseconds(now) >= header.expires_at_ms:
        raise Expired("The statement's time is over.", field="expires_at_ms")
    if header.expires_at_ms - header.issued_at_ms > max_lifetime // timedelta(milliseconds=1):
        raise Malformed("The statement lives longer than allowed.", code="lifetime", field="expires_at_ms")


def check_not_from_the_future(issued_ms: int, now: datetime, max_skew: timedelta = MAX_SKEW) -> None:
    """Expired (code `from-the-future`) when `issued_ms` is more than `max_skew` after `now`."""
    if issued_ms > milliseconds(now + max_skew):
        raise Expired(
            "The statement comes from the future.",
            code="from-the-future",
            field="issued_at_ms",
            remedy="compare both sides' clocks",
        )


def payload_class(name: str) -> type[Message]:
    """The message class of a payload type of `comity.v1`; Malformed for a name outside it."""
    for schema in _SCHEMAS:
        package, _, message = name.rpartition(".")
        descriptor = schema.message_types_by_name.get(message)
        if descriptor is not None and package == schema.package:
            return GetMessageClass(descriptor)
    raise Malformed("The payload's type is not known here.", code="unknown-payload", field="payload_type")


def read_payload(envelope: Envelope, header: Header, expected: type[M]) -> M:
    """Steps 7 and 8: the payload as the `expected` type, and as no other."""
    if header.payload_type != expected.DESCRIPTOR.full_name:
        raise Malformed(
            "The payload is of another type than asked for.", code="unknown-payload", field="payload_type"
        )
    return parse(expected, envelope.payload, "payload")
