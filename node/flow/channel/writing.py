"""From a step to an event: its place in the chain, its epoch, its encryption."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from comity.channel import ChannelLog, EpochKey, Keyring, build_event
from comity.envelope import Chance
from comity.errors import Forbidden
from comity.v1 import channel_pb2 as pb
from node.flow.channel.steps import Step


@dataclass(frozen=True, slots=True)
class Rekeying:
    """An opening or membership change: the step, the new key, and that key wrapped for each member.

    `cosigners` are the teams whose signatures the envelope needs besides the author's: a removal is
    signed by all who stay.
    """

    channel: bytes
    step: Step
    key: EpochKey = field(repr=False)
    keys: tuple[pb.WrappedKey, ...]
    nonce: bytes | None = None
    cosigners: frozenset[str] = frozenset()


def write(
    log: ChannelLog, team: str, step: Step | Rekeying, ring: Keyring, *, now: datetime, chance: Chance
) -> pb.ChannelEvent:
    """The next event of `team`, to be encoded, signed, stored and sent.

    Raises `Forbidden` (not a member, or the epoch's key is not in `ring`), `Conflict` (members diverged:
    renew the key first).
    """
    position = log.position(team)
    if isinstance(step, Rekeying):
        body, key, keys, nonce = step.step, step.key, step.keys, step.nonce
    else:
        body, key, keys, nonce = step, writing_key(log, ring), (), None
    return build_event(
        channel=log.channel,
        author=team,
        sequence=position.sequence,
        previous=position.previous,
        seen=position.seen,
        kind=body.kind,
        payload=body.payload,
        key=key,
        now=now,
        chance=chance,
        keys=keys,
        nonce=nonce,
    )


def writing_key(log: ChannelLog, ring: Keyring) -> EpochKey:
    """The key of the present epoch. Raises `Conflict` (diverged) or `Forbidden` (not held)."""
    digest, _ = log.writing()
    if digest not in ring:
        raise Forbidden("This node does not hold the channel's present key.", code="no-key")
    return ring[digest]
