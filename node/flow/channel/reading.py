"""From carried bytes to the shared case: keys learnt from the log, events opened where a key is held."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from google.protobuf.message import Message

from comity.channel import ChannelLog, Entry, EpochKey, Keyring, open_event, open_grants, read_event, unwrap
from comity.envelope import instant
from comity.errors import ComityError
from comity.seal import SealingKey
from comity.v1 import channel_pb2 as pb
from node.flow.case import FileEntry, OpenedEvent, SharedCase, fold
from node.flow.channel.files import assemble


def learn_keys(
    log: ChannelLog,
    carried: Mapping[bytes, bytes],
    team: str,
    sealing_keys: Iterable[SealingKey],
    known: Keyring | None = None,
) -> dict[bytes, EpochKey]:
    """All epoch keys that `team` can open: those in `known`, those wrapped for it, those granted to it.

    `carried`: the events' bytes by digest. A box that does not open is passed over: its epoch stays
    unreadable, and the fold shows it as such.
    """
    ring, held = dict(known or {}), list(sealing_keys)
    for entry in log.entries():
        if team in entry.record.teams and entry.record.digest in carried:
            ring.update(_learn(entry, read_event(carried[entry.record.digest]), team, held, ring))
    return ring


def _learn(
    entry: Entry, event: pb.ChannelEvent, team: str, held: list[SealingKey], ring: Keyring
) -> dict[bytes, EpochKey]:
    try:
        key = ring.get(entry.record.digest) or unwrap(event, team, held)
        body = open_event(event, key)
        learnt = {entry.record.digest: key}
        if team in entry.added and isinstance(body, pb.MembersChange):
            learnt.update(open_grants(event, body, team, held))
    except ComityError:
        return {}
    return learnt


def read_events(log: ChannelLog, carried: Mapping[bytes, bytes], ring: Keyring) -> list[OpenedEvent]:
    """Every event of the log in its order; the message is None where no key opens it or it was erased.

    A chunk's data are replaced by their SHA-256: the case needs to tell parts apart, not to hold them.
    """
    return [
        OpenedEvent(
            author=entry.record.author,
            sequence=entry.record.sequence,
            digest=entry.record.digest,
            created_at=instant(entry.record.created_at_ms),
            kind=entry.record.kind,
            message=_slim(_message(entry, carried.get(entry.record.digest), ring)),
            parents=entry.record.parents,
            added=entry.added,
            removed=entry.removed,
            void=entry.void,
        )
        for entry in log.entries()
    ]


def read_case(log: ChannelLog, carried: Mapping[bytes, bytes], ring: Keyring) -> SharedCase:
    """The shared case as this node can read it."""
    return fold(read_events(log, carried, ring), channel=log.channel)


def read_file(file: FileEntry, log: ChannelLog, carried: Mapping[bytes, bytes], ring: Keyring) -> bytes:
    """The file, verified, from the events that the case names as its parts; see `assemble` for errors."""
    parts: dict[int, bytes] = {}
    for index, digest in file.present.items():
        message = _message(log.entry(digest), carried.get(digest), ring)
        if isinstance(message, pb.ChannelChunk):
            parts[index] = message.data
    return assemble(file, parts)


def _message(entry: Entry, carried: bytes | None, ring: Keyring) -> Message | None:
    key = ring.get(entry.key_of)
    if carried is None or key is None:
        return None
    try:
        return open_event(read_event(carried), key)
    except ComityError:
        return None


def _slim(message: Message | None) -> Message | None:
    if not isinstance(message, pb.ChannelChunk):
        return message
    return pb.ChannelChunk(file=message.file, index=message.index, data=hashlib.sha256(message.data).digest())
