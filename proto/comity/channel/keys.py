"""Epoch keys: made, wrapped for each member, unwrapped, and granted to a newcomer.

Rules:

1. A membership change makes a new key, wrapped to each member with HPKE (X-Wing): nobody derives it
   from an earlier one, so a removed member reads nothing that is written after its removal.
2. The HPKE `info` binds channel, epoch, member list, author and recipient; a box moved elsewhere stays shut.
3. A newcomer reads the past only through grants, sealed to it alone inside the change's payload. They are
   named by the digest of the change that made each key, because two changes can bear the same number.

Replaceable: `EpochKey`, `wrap_for` and `unwrap` are all that a group key agreement such as MLS
(RFC 9420) would have to supply instead.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping

from comity.channel.event import DIGEST_BYTES, KEY_BYTES, EpochKey
from comity.envelope import Chance, parse
from comity.errors import Corrupt, Forbidden, Malformed
from comity.seal import SealingKey, open_box, seal
from comity.v1 import channel_pb2 as pb
from comity.v1.envelope_pb2 import SealedBox

_WRAP_LABEL = b"comity-channel-key-v1"
_GRANT_LABEL = b"comity-channel-grant-v1"
_MEMBERS_LABEL = b"comity-channel-members-v1"

# The epoch keys that a node holds, by the digest of the change that made each.
Keyring = Mapping[bytes, EpochKey]


def new_epoch_key(epoch: int, chance: Chance) -> EpochKey:
    """A fresh content key for `epoch`, 32 bytes drawn from `chance`."""
    return EpochKey(epoch, chance(KEY_BYTES))


def member_list_hash(members: Iterable[str]) -> bytes:
    """SHA-256 over the sorted, length-prefixed team ids."""
    return hashlib.sha256(_MEMBERS_LABEL + b"".join(_lp(team) for team in sorted(set(members)))).digest()


_hash_of = member_list_hash


def wrap_for(
    members: Mapping[str, bytes],
    key: EpochKey,
    channel: bytes,
    author: str,
    member_list_hash: bytes,
    chance: Chance,
) -> list[pb.WrappedKey]:
    """`key` sealed to the public sealing key of each member, sorted by team.

    `member_list_hash` is the hash of the same members; it is asked for so that a caller cannot wrap for
    another list than the one that was agreed. Raises `Malformed` when the two differ.
    """
    if member_list_hash != _hash_of(members):
        raise Malformed("The keys are not for the members that were agreed.", field="members")
    return [
        pb.WrappedKey(
            team=team,
            sealed=seal(
                members[team],
                key.key,
                info=_wrap_info(channel, key.epoch, member_list_hash, author, team),
                chance=chance,
            ),
        )
        for team in sorted(members)
    ]


def unwrap(event: pb.ChannelEvent, team: str, sealing_keys: SealingKey | Iterable[SealingKey]) -> EpochKey:
    """The key of the epoch that `event` (an opening or a membership change) begins.

    `sealing_keys`: the team's present and still kept earlier keys. Raises `Forbidden` when the key was
    not wrapped for `team`, `Corrupt` when the box does not open.
    """
    boxes = [wrapped.sealed for wrapped in event.keys if wrapped.team == team]
    if len(boxes) != 1:
        raise Forbidden("This epoch's key was not given to this team.", code="no-key", field="keys")
    members = member_list_hash(wrapped.team for wrapped in event.keys)
    info = _wrap_info(event.channel, event.epoch, members, event.author, team)
    return EpochKey(event.epoch, _open(boxes[0], sealing_keys, info))


def grant_earlier(
    ring: Keyring,
    newcomer: str,
    newcomer_public: bytes,
    *,
    channel: bytes,
    epoch: int,
    author: str,
    chance: Chance,
) -> dict[int, bytes]:
    """`earlier_keys` of the change that begins `epoch`: the keys in `ring`, for `newcomer` alone."""
    by_epoch: dict[int, bytes] = {}
    for digest in sorted(ring):
        by_epoch[ring[digest].epoch] = by_epoch.get(ring[digest].epoch, b"") + digest + ring[digest].key
    return {
        earlier: seal(
            newcomer_public,
            granted,
            info=_grant_info(channel, epoch, author, newcomer, earlier),
            chance=chance,
        ).SerializeToString(deterministic=True)
        for earlier, granted in sorted(by_epoch.items())
    }


def open_grants(
    event: pb.ChannelEvent,
    change: pb.MembersChange,
    team: str,
    sealing_keys: SealingKey | Iterable[SealingKey],
) -> dict[bytes, EpochKey]:
    """What `change`, the plaintext of `event`, grants to `team`; nothing unless it is the newcomer."""
    if list(change.added) != [team]:
        return {}
    ring: dict[bytes, EpochKey] = {}
    for earlier, sealed in sorted(change.earlier_keys.items()):
        info = _grant_info(event.channel, event.epoch, event.author, team, earlier)
        ring.update(
            _parse_grant(earlier, _open(parse(SealedBox, sealed, "earlier_keys"), sealing_keys, info))
        )
    return ring


def _parse_grant(epoch: int, granted: bytes) -> dict[bytes, EpochKey]:
    size = DIGEST_BYTES + KEY_BYTES
    if len(granted) % size:
        raise Malformed("A grant is a list of digests and keys.", field="earlier_keys")
    rows = [granted[at : at + size] for at in range(0, len(granted), size)]
    return {row[:DIGEST_BYTES]: EpochKey(epoch, row[DIGEST_BYTES:]) for row in rows}


def _open(box: SealedBox, sealing_keys: SealingKey | Iterable[SealingKey], info: bytes) -> bytes:
    candidates = [sealing_keys] if isinstance(sealing_keys, SealingKey) else list(sealing_keys)
    for key in candidates:
        if key.key_id == box.key_id:
            return open_box(key, box, info)
    raise Corrupt(
        "The box was sealed to a key that this team no longer holds.", code="unknown-key", field="keys"
    )


def _wrap_info(channel: bytes, epoch: int, member_list: bytes, author: str, recipient: str) -> bytes:
    return _WRAP_LABEL + channel + struct.pack(">I", epoch) + member_list + _lp(author) + _lp(recipient)


def _grant_info(channel: bytes, epoch: int, author: str, newcomer: str, earlier: int) -> bytes:
    return _GRANT_LABEL + channel + struct.pack(">II", epoch, earlier) + _lp(author) + _lp(newcomer)


def _lp(text: str) -> bytes:
    part = text.encode()
    return struct.pack(">H", len(part)) + part
