"""Channels: the shared, encrypted, signed log of an investigation. Written down in docs/protocol/channels.md.

Promised: whoever holds the same set of events sees the same members, the same order and the same
void events, however the events arrived; an event is readable under exactly one epoch key; an author
who signs two different events under one sequence number is detected and named, and loses nobody's work.
Left to others: signatures (`comity.envelope`), keeping the bytes, time, and what the plaintexts mean
for the case (`node.flow.case`).
"""

from __future__ import annotations

from comity.channel.event import (
    CHUNK_BYTES,
    PAYLOADS,
    EpochKey,
    build_event,
    channel_id,
    encode_event,
    event_digest,
    husk,
    new_channel,
    open_event,
    read_event,
)
from comity.channel.keys import (
    Keyring,
    grant_earlier,
    member_list_hash,
    new_epoch_key,
    open_grants,
    unwrap,
    wrap_for,
)
from comity.channel.log import ChannelLog, Position, equivocation_evidence
from comity.channel.order import total_order
from comity.channel.outcome import (
    Accepted,
    Duplicate,
    Entry,
    Equivocated,
    Equivocation,
    Held,
    Outcome,
    Record,
    Refused,
)

__all__ = [
    "CHUNK_BYTES",
    "PAYLOADS",
    "Accepted",
    "ChannelLog",
    "Duplicate",
    "Entry",
    "EpochKey",
    "Equivocated",
    "Equivocation",
    "Held",
    "Keyring",
    "Outcome",
    "Position",
    "Record",
    "Refused",
    "build_event",
    "channel_id",
    "encode_event",
    "equivocation_evidence",
    "event_digest",
    "grant_earlier",
    "husk",
    "member_list_hash",
    "new_channel",
    "new_epoch_key",
    "open_event",
    "open_grants",
    "read_event",
    "total_order",
    "unwrap",
    "wrap_for",
]
