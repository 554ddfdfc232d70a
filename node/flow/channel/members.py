"""Steps on membership: opening, adding, removing, renewing the key. Each makes a new epoch.

Rules:

1. A channel is opened on a hit, between two nations or more, on a stated legal basis, as pre-JIT.
2. A newcomer reads what is written from its joining on. Earlier epochs are granted one by one, and only
   when every nation that wrote in them agreed: content stays its author's to give.
3. A removal is signed by all who stay and states the removed team's last valid sequence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from comity.channel import (
    ChannelLog,
    Keyring,
    grant_earlier,
    member_list_hash,
    new_channel,
    new_epoch_key,
    wrap_for,
)
from comity.envelope import Chance
from comity.errors import Conflict, Forbidden, Malformed
from comity.v1 import channel_pb2 as pb
from node.flow.channel.steps import Step, check_title
from node.flow.channel.writing import Rekeying

HIT_BYTES = 16
PRE_JIT = "pre-jit"


def opening(
    *,
    founder: str,
    members: Mapping[str, bytes],
    hits: Sequence[bytes],
    title: str,
    legal_basis: str,
    chance: Chance,
    status: str = PRE_JIT,
) -> Rekeying:
    """Open a pre-JIT channel of `members` (team: public sealing key; the founder among them) on `hits`.

    Raises `Forbidden` for any other status: a JIT exists from the signature of its agreement and its space
    is opened as the agreement says (Regulation (EU) 2023/969 Art. 2(2), 13(1)).
    """
    if status != PRE_JIT:
        raise Forbidden(
            "Without a signed agreement there is no JIT and no JIT space"
            " (Regulation (EU) 2023/969 Art. 2(2), 13(1)).",
            code="no-agreement",
            field="status",
            remedy="Open a pre-JIT channel on the hit instead.",
        )
    _check_opening(founder, members, hits, legal_basis)
    channel, nonce = new_channel(founder, chance)
    body = pb.ChannelOpening(
        title=check_title(title),
        status=PRE_JIT,
        hits=sorted(set(hits)),
        members=sorted(members),
        legal_basis=legal_basis,
    )
    return _rekey((channel, founder, 1), members, Step(pb.CHANNEL_EVENT_KIND_OPEN, body), chance, nonce=nonce)


def add_member(
    log: ChannelLog,
    team: str,
    members: Mapping[str, bytes],
    newcomer: str,
    *,
    reason: str,
    chance: Chance,
    granted: Keyring | None = None,
    agreed: Collection[str] = (),
) -> Rekeying:
    """Add `newcomer`. `members`: sealing keys of all members after the change, the newcomer among them.

    `granted`: earlier epoch keys (by the digest of their change) to give; `agreed`: the nations that
    agreed to it. Raises `Forbidden` (`not-agreed`) when an author of a granted epoch is not among them.
    """
    _check_author(log, team)
    if newcomer in log.members:
        raise Conflict("This team is a member already.", code="already-a-member", field="newcomer")
    _check_list(members, log.members | {newcomer})
    granted = granted or {}
    _check_agreed(log, team, granted, agreed)
    epoch = log.next_epoch()
    body = pb.MembersChange(
        members=sorted(members),
        added=[newcomer],
        reason=reason,
        earlier_keys=grant_earlier(
            granted,
            newcomer,
            members[newcomer],
            channel=log.channel,
            epoch=epoch,
            author=team,
            chance=chance,
        ),
    )
    return _rekey((log.channel, team, epoch), members, Step(pb.CHANNEL_EVENT_KIND_MEMBERS, body), chance)


def remove_member(
    log: ChannelLog, team: str, members: Mapping[str, bytes], leaver: str, *, reason: str, chance: Chance
) -> Rekeying:
    """Remove `leaver`; `members` are the sealing keys of those who stay, all of whom must co-sign.

    A team that wants to leave asks another to write this: who writes it knows the next key.
    """
    _check_author(log, team)
    if leaver not in log.members:
        raise Conflict("This team is no member.", code="not-a-member", field="leaver")
    if leaver == team:
        raise Forbidden(
            "A team does not write its own removal, since it would know the next key.",
            code="own-removal",
            remedy="Ask another member to remove your team.",
        )
    _check_list(members, log.members - {leaver})
    body = pb.MembersChange(
        members=sorted(members),
        removed=[leaver],
        reason=reason,
        last_sequence={leaver: log.last_sequence(leaver)},
    )
    step = Step(pb.CHANNEL_EVENT_KIND_MEMBERS, body)
    cosigners = frozenset(members) - {team}
    return _rekey((log.channel, team, log.next_epoch()), members, step, chance, cosigners=cosigners)


def renew_key(
    log: ChannelLog, team: str, members: Mapping[str, bytes], *, reason: str, chance: Chance
) -> Rekeying:
    """A new epoch for the same members: daily, and when concurrent changes left no common key."""
    _check_author(log, team)
    _check_list(members, log.members)
    body = pb.MembersChange(members=sorted(members), reason=reason)
    step = Step(pb.CHANNEL_EVENT_KIND_MEMBERS, body)
    return _rekey((log.channel, team, log.next_epoch()), members, step, chance)


def _rekey(
    place: tuple[bytes, str, int],
    members: Mapping[str, bytes],
    step: Step,
    chance: Chance,
    *,
    nonce: bytes | None = None,
    cosigners: frozenset[str] = frozenset(),
) -> Rekeying:
    channel, author, epoch = place
    key = new_epoch_key(epoch, chance)
    keys = wrap_for(members, key, channel, author, member_list_hash(members), chance)
    return Rekeying(channel, step, key, tuple(keys), nonce, cosigners)


def _check_opening(founder: str, members: Mapping[str, bytes], hits: Sequence[bytes], basis: str) -> None:
    if founder not in members or len(members) < 2:
        raise Malformed("A channel has its founder and another nation as members.", field="members")
    if not hits or any(len(hit) != HIT_BYTES for hit in hits):
        raise Conflict(
            "A pre-JIT channel is opened on a hit.",
            code="no-hit",
            field="hits",
            remedy="Confirm a hit first.",
        )
    if not basis.strip():
        raise Malformed(
            "A channel states the legal basis on which its members exchange.", field="legal_basis"
        )


def _check_author(log: ChannelLog, team: str) -> None:
    if team not in log.members:
        raise Forbidden("Only members change a channel's membership or key.", code="not-a-member")


def _check_list(members: Mapping[str, bytes], expected: frozenset[str]) -> None:
    if frozenset(members) != expected:
        raise Malformed("The keys given are not those of the members after the change.", field="members")


def _check_agreed(log: ChannelLog, team: str, granted: Keyring, agreed: Collection[str]) -> None:
    authors = {entry.record.author for entry in log.entries() if entry.key_of in granted}
    if authors - {team} - set(agreed):
        raise Forbidden(
            "Not every nation that wrote in the epochs to be granted has agreed.",
            code="not-agreed",
            field="granted",
            remedy="Ask the others for their consent, or add the newcomer without the past.",
        )
