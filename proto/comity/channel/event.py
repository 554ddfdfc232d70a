"""One event: its bytes, its digest, its encryption.

Rules (docs/protocol/channels.md, "Event"):

1. The payload is XChaCha20-Poly1305 under the epoch key, the routing fields as associated data, so a
   relay can move an event and cannot change where it belongs.
2. The plaintext begins with 32 zero bytes, checked on opening. XChaCha20-Poly1305 alone does not commit
   to its key: a member could craft one ciphertext that two members read differently.
3. The digest is SHA-256 over the serialised event as carried; nobody re-serialises what was received.
4. The channel's id is derived from its founder and the opening's nonce, so no second team can open a
   channel under an id that is already in use.

Left to others: who signed (`comity.envelope`), whether the author was a member (`comity.channel.log`).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import nacl.bindings
import nacl.exceptions
from google.protobuf.message import DecodeError, Message

from comity.envelope import Chance, instant, milliseconds
from comity.errors import Corrupt, Forbidden, Malformed
from comity.identifiers import check_team
from comity.v1 import channel_pb2 as pb

CHANNEL_BYTES = 16
DIGEST_BYTES = 32
KEY_BYTES = 32
NONCE_BYTES = 24
CHUNK_BYTES = 512 * 1024  # of a file's data in one event
SEEN_LIMIT = 256  # digests an event may name
_COMMITMENT = bytes(32)
_AAD_LABEL = b"comity-channel-event-v1"
_ID_LABEL = b"comity-channel-id-v1"

PAYLOADS: dict[int, type[Message]] = {
    pb.CHANNEL_EVENT_KIND_OPEN: pb.ChannelOpening,
    pb.CHANNEL_EVENT_KIND_MEMBERS: pb.MembersChange,
    pb.CHANNEL_EVENT_KIND_MESSAGE: pb.ChannelMessage,
    pb.CHANNEL_EVENT_KIND_TASK: pb.ChannelTask,
    pb.CHANNEL_EVENT_KIND_FILE: pb.ChannelFile,
    pb.CHANNEL_EVENT_KIND_CHUNK: pb.ChannelChunk,
    pb.CHANNEL_EVENT_KIND_CLOSE: pb.ChannelMessage,
}
CHANGES = frozenset({pb.CHANNEL_EVENT_KIND_OPEN, pb.CHANNEL_EVENT_KIND_MEMBERS})


@dataclass(frozen=True, slots=True)
class EpochKey:
    """A channel's content key and the number of the epoch in which it is written with."""

    epoch: int
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.epoch < 1 or len(self.key) != KEY_BYTES:
            raise Malformed("An epoch key is a number from 1 and 32 bytes.", field="key")


def channel_id(founder: str, nonce: bytes) -> bytes:
    """The 16-byte id of the channel that `founder` opens with an event under `nonce`."""
    return hashlib.sha256(_ID_LABEL + _lp(founder.encode()) + nonce).digest()[:CHANNEL_BYTES]


def new_channel(founder: str, chance: Chance) -> tuple[bytes, bytes]:
    """A fresh channel id and the nonce under which its opening must be built."""
    nonce = chance(NONCE_BYTES)
    return channel_id(founder, nonce), nonce


def build_event(
    *,
    channel: bytes,
    author: str,
    sequence: int,
    previous: bytes,
    seen: Sequence[bytes],
    kind: pb.ChannelEventKind.ValueType,
    payload: Message,
    key: EpochKey,
    now: datetime,
    chance: Chance,
    keys: Iterable[pb.WrappedKey] = (),
    nonce: bytes | None = None,
) -> pb.ChannelEvent:
    """Encrypt `payload` as one event of `author`.

    `nonce` is given for an opening alone (see `new_channel`); otherwise 24 bytes are drawn from `chance`.
    Raises `Malformed` when the payload's type is not that of `kind`, or a routing field has a wrong form.
    """
    if not isinstance(payload, PAYLOADS.get(kind, type(None))):
        raise Malformed("The payload is not of the type that this kind of event carries.", field="kind")
    event = pb.ChannelEvent(
        channel=channel,
        author=author,
        sequence=sequence,
        previous=previous,
        seen=sorted(set(seen)),
        epoch=key.epoch,
        kind=kind,
        created_at_ms=milliseconds(now),
        nonce=chance(NONCE_BYTES) if nonce is None else nonce,
        keys=sorted(keys, key=lambda wrapped: wrapped.team),
    )
    plaintext = _COMMITMENT + payload.SerializeToString(deterministic=True)
    event.ciphertext = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        plaintext, associated_data(event), event.nonce, key.key
    )
    check_form(event)
    return event


def open_event(event: pb.ChannelEvent, key: EpochKey) -> Message:
    """The plaintext of `event`, typed by its kind.

    Raises `Forbidden` when `key` belongs to another epoch, `Corrupt` when the ciphertext or a routing
    field was changed or the key is not the one, `Malformed` when the plaintext is not of its kind or an
    opening or membership change lists other members than those that received the key.
    """
    if key.epoch != event.epoch:
        raise Forbidden(
            "This key belongs to another epoch of the channel.", code="wrong-epoch", field="epoch"
        )
    if event.kind not in PAYLOADS:
        raise Malformed("This version does not know this kind of event.", code="unknown-kind", field="kind")
    message = PAYLOADS[event.kind]()
    try:
        message.ParseFromString(_decrypt(event, key))
    except DecodeError:
        raise Malformed("The plaintext is not of the event's kind.", field="ciphertext") from None
    _check_members(event, message)
    return message


def _decrypt(event: pb.ChannelEvent, key: EpochKey) -> bytes:
    try:
        plaintext = nacl.bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            event.ciphertext, associated_data(event), event.nonce, key.key
        )
    except (nacl.exceptions.CryptoError, ValueError, TypeError):
        raise Corrupt("The event does not open under this epoch's key.", field="ciphertext") from None
    if plaintext[: len(_COMMITMENT)] != _COMMITMENT:
        raise Corrupt("The event does not commit to its key.", field="ciphertext")
    return plaintext[len(_COMMITMENT) :]


def _check_members(event: pb.ChannelEvent, message: Message) -> None:
    if not isinstance(message, pb.ChannelOpening | pb.MembersChange):
        return
    if sorted(message.members) != [wrapped.team for wrapped in event.keys]:
        raise Malformed("The members listed are not those that received the key.", field="members")


def encode_event(event: pb.ChannelEvent) -> bytes:
    """The bytes to sign and to carry: made once, by the author."""
    return event.SerializeToString(deterministic=True)


def event_digest(event: pb.ChannelEvent | bytes) -> bytes:
    """SHA-256 over the event as carried. Give the received bytes; an event object only if you built it."""
    return hashlib.sha256(event if isinstance(event, bytes) else encode_event(event)).digest()


def read_event(carried: bytes) -> pb.ChannelEvent:
    """Parse a carried event and check the form of its routing fields. Raises `Malformed`."""
    event = pb.ChannelEvent()
    try:
        event.ParseFromString(carried)
    except DecodeError:
        raise Malformed("These bytes are no channel event.", field="event") from None
    if len(event.nonce) != NONCE_BYTES:
        raise Malformed("An event's nonce has 24 bytes.", field="nonce")
    check_form(event)
    return event


def husk(carried: bytes) -> bytes:
    """What remains of an erased event: the routing fields, which keep its place in the chain."""
    event = read_event(carried)
    event.ClearField("ciphertext")
    for wrapped in event.keys:
        wrapped.ClearField("sealed")
    return encode_event(event)


def check_form(event: pb.ChannelEvent) -> None:
    """The rules of form that an event keeps by itself. Raises `Malformed`."""
    teams = [check_team(wrapped.team, "keys") for wrapped in event.keys]
    check_team(event.author, "author")
    instant(event.created_at_ms, "created_at_ms")
    first = event.sequence == 1
    rules = (
        (len(event.channel) == CHANNEL_BYTES, "channel", "A channel's id has 16 bytes."),
        (event.sequence >= 1, "sequence", "Sequence numbers begin at 1."),
        (len(event.previous) == (0 if first else DIGEST_BYTES), "previous", "Only a first event has none."),
        (all(len(digest) == DIGEST_BYTES for digest in event.seen), "seen", "A digest has 32 bytes."),
        (len(event.seen) <= SEEN_LIMIT, "seen", "An event names at most 256 others."),
        (event.epoch >= 1, "epoch", "Epochs begin at 1."),
        (event.kind > 0, "kind", "An event has a kind."),
        (bool(teams) == (event.kind in CHANGES), "keys", "Openings and membership changes alone carry keys."),
        (teams == sorted(set(teams)), "keys", "Keys are sorted by team, one each."),
        (not teams or event.author in teams, "keys", "The author is a member of what it founds or changes."),
    )
    for holds, name, sentence in rules:
        if not holds:
            raise Malformed(sentence, field=name)
    if event.kind == pb.CHANNEL_EVENT_KIND_OPEN:
        _check_opening(event)


def _check_opening(event: pb.ChannelEvent) -> None:
    if event.sequence != 1 or event.seen or event.epoch != 1:
        raise Malformed("A channel begins with its opening, in epoch 1.", field="kind")
    if channel_id(event.author, event.nonce) != event.channel:
        raise Malformed("The channel's id is not derived from its founder.", field="channel")


def associated_data(event: pb.ChannelEvent) -> bytes:
    """The deterministic encoding of all fields but nonce and ciphertext (docs/protocol/channels.md)."""
    return b"".join(
        (
            _AAD_LABEL,
            event.channel,
            _lp(event.author.encode()),
            struct.pack(">Q", event.sequence),
            _lp(event.previous),
            struct.pack(">H", len(event.seen)),
            *event.seen,
            struct.pack(">IIq", event.epoch, event.kind, event.created_at_ms),
            _keys_digest(event),
        )
    )


def _keys_digest(event: pb.ChannelEvent) -> bytes:
    hasher = hashlib.sha256(struct.pack(">H", len(event.keys)))
    for wrapped in event.keys:
        box = wrapped.sealed
        for part in (wrapped.team.encode(), box.key_id, box.wrapped_key, box.nonce, box.ciphertext):
            hasher.update(struct.pack(">I", len(part)) + part)
    return hasher.digest()


def _lp(part: bytes) -> bytes:
    return struct.pack(">H", len(part)) + part
