"""Distributed key generation between the share holders: three rounds of statements, no dealer.

Round 0, a proposal: each holder checks it against the roster and deals. Round 1, commitments to the
dealings. Round 2, when all commitments are in: the dealings, each holder's shares sealed to it.
Round 3, when all dealings verify: each holder confirms the transcript and signs the key set. Whoever
sends something that does not verify is named in a complaint, and the ceremony fails as a whole.
The state lives in the database, so any node may stop and go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from google.protobuf.message import Message
from sqlmodel import Session, col, delete, select

from comity import ceremony as protocol
from comity import envelope as envelopes
from comity import keyset
from comity.errors import Conflict, Forbidden, Malformed
from comity.seal import open_box, seal
from comity.selector import KINDS
from comity.threshold import Commitments
from comity.v1 import ceremony_pb2 as pb
from comity.v1 import envelope_pb2
from node.records import CeremonyMessage, CeremonyRow, KeySetRow, KeyShare
from node.service import ledger
from node.service.context import Node, raise_alarm
from node.service.incoming import Handler, handles
from node.service.outgoing import send

PURPOSE = "thb"
EPOCH_DAYS = 35
_INFO = b"comity ceremony v1"


def propose(session: Session, node: Node) -> str:
    """Opens a ceremony for the next epoch, one key for each selector kind; returns its id."""
    roster = node.roster(session)
    newest = session.exec(select(KeySetRow.epoch)).all()
    _refuse_if_running(session)
    proposal = pb.CeremonyProposal(
        ceremony=node.chance(16),
        epoch=max(newest, default=0) + 1,
        purpose=PURPOSE,
        kinds=sorted(KINDS),
        roster_version=roster.version,
        threshold=roster.threshold,
        holders=sorted(roster.holders),
        not_before_ms=envelopes.milliseconds(node.now() - timedelta(minutes=5)),
        not_after_ms=envelopes.milliseconds(node.now() + timedelta(days=EPOCH_DAYS)),
    )
    for team in _others(session, node):
        send(session, node, proposal, team)
    _join(session, node, proposal)
    return proposal.ceremony.hex()


@handles(pb.CeremonyProposal)
def on_proposal(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Takes part, if the proposal says what the roster says."""
    assert isinstance(message, pb.CeremonyProposal)
    roster = node.roster(session)
    if message.roster_version != roster.version:
        raise Conflict("the proposal speaks of another roster version", field="roster_version")
    if message.threshold != roster.threshold or list(message.holders) != sorted(roster.holders):
        raise Malformed("threshold or holders differ from the roster", field="holders")
    if sender not in roster.holders.values():
        raise Malformed("only a share holder proposes a ceremony", field="sender")
    if sorted(KINDS) != list(message.kinds) or message.purpose != PURPOSE:
        raise Malformed("kinds or purpose differ from this release's", field="kinds")
    if session.get(KeySetRow, message.epoch) is not None:
        raise Conflict("this epoch has its keys already", field="epoch")
    if session.get(CeremonyRow, message.ceremony.hex()) is None:
        _give_way(session, node, message)
        _join(session, node, message)


def _give_way(session: Session, node: Node, proposal: pb.CeremonyProposal) -> None:
    """Of ceremonies proposed at once, the one with the smallest id goes on, at every holder alike.

    Its proposer commits to no other, so no other can have got beyond its commitments.
    """
    for row in session.exec(select(CeremonyRow).where(CeremonyRow.epoch == proposal.epoch)).all():
        if row.state in ("done", "failed"):
            continue
        if row.state != "committed" or row.id < proposal.ceremony.hex():
            raise Forbidden("another ceremony for this epoch goes on", field="ceremony")
        row.state, row.reason, row.dealing_sealed = "failed", "gave way to one proposed at the same time", b""
        session.add(row)


def _round(stage: str) -> Handler:
    """Keeps a holder's message of one round; when all are there, this node takes the next step."""

    def on_message(
        session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
    ) -> None:
        assert isinstance(message, pb.CeremonyCommit | pb.CeremonyDeal | pb.CeremonyConfirm)
        _keep(session, node, message.ceremony, stage, sender, message)
        _advance(session, node, message.ceremony.hex())

    return on_message


handles(pb.CeremonyCommit)(_round("commit"))
handles(pb.CeremonyDeal)(_round("deal"))
handles(pb.CeremonyConfirm)(_round("confirm"))


@handles(pb.CeremonyComplaint)
def on_complaint(
    session: Session, node: Node, sender: str, message: Message, _statement: envelope_pb2.Envelope
) -> None:
    """Ends a ceremony in which another holder found a fault, also one whose proposal is still to come."""
    assert isinstance(message, pb.CeremonyComplaint)
    _keep(session, node, message.ceremony, "complaint", sender, message)
    _advance(session, node, message.ceremony.hex())


def progress(session: Session, ceremony: str) -> dict[str, object]:
    """State of a ceremony and which holders' messages are here, by round."""
    row = session.get(CeremonyRow, ceremony)
    if row is None:
        return {"ceremony": ceremony, "state": "unknown"}
    messages = session.exec(select(CeremonyMessage).where(CeremonyMessage.ceremony == ceremony)).all()
    heard = {
        name: sorted(m.holder for m in messages if m.round == name) for name in ("commit", "deal", "confirm")
    }
    return {
        "ceremony": ceremony,
        "state": row.state,
        "epoch": row.epoch,
        "reason": row.reason,
        "heard": heard,
    }


def _refuse_if_running(session: Session) -> None:
    running = select(CeremonyRow).where(CeremonyRow.state != "done", CeremonyRow.state != "failed")
    row = session.exec(running).first()
    if row is not None:
        raise Conflict("a ceremony is running", remedy=f"wait for it, or comity-node keys abandon {row.id}")


def abandon(session: Session, node: Node, ceremony: str) -> dict[str, object]:
    """Ends a ceremony that cannot finish, e.g. because a holder is gone."""
    row = session.get(CeremonyRow, ceremony)
    if row is None or row.state in ("done", "failed"):
        raise Conflict("no such ceremony is running", field="ceremony")
    _fail(session, node, row, "abandoned by an operator")
    complaint = pb.CeremonyComplaint(
        ceremony=bytes.fromhex(ceremony), accused=_index(session, node), reason="abandoned"
    )
    for team in _others(session, node):
        send(session, node, complaint, team)
    return progress(session, ceremony)


def _join(session: Session, node: Node, proposal: pb.CeremonyProposal) -> None:
    index = _index(session, node)
    dealing = protocol.deal(proposal.ceremony, index, list(proposal.kinds), proposal.threshold, node.chance)
    name = proposal.ceremony.hex()
    session.add(
        CeremonyRow(
            id=name,
            state="committed",
            epoch=proposal.epoch,
            proposal=proposal.SerializeToString(),
            dealing_sealed=node.vault.seal(session, f"ceremony/{name}/dealing", dealing.to_bytes()),
            started_at=node.now(),
        )
    )
    commit = pb.CeremonyCommit(ceremony=proposal.ceremony, commitment=dealing.commitment)
    _store(session, name, "commit", index, commit)
    for team in _others(session, node):
        send(session, node, commit, team)
    session.flush()
    _advance(session, node, name)


def _keep(session: Session, node: Node, ceremony: bytes, stage: str, sender: str, message: Message) -> None:
    holder = _index(session, node, sender)
    known = session.get(CeremonyMessage, (ceremony.hex(), stage, holder))
    if known is None:
        _store(session, ceremony.hex(), stage, holder, message)
    elif known.body != message.SerializeToString() and stage != "complaint":
        row = session.get(CeremonyRow, ceremony.hex())
        if row is not None and row.state not in ("done", "failed"):
            _blame(session, node, row, protocol.Blame(holder, "commitment"))
    session.flush()


def _store(session: Session, ceremony: str, stage: str, holder: int, message: Message) -> None:
    body = message.SerializeToString()
    session.add(CeremonyMessage(ceremony=ceremony, round=stage, holder=holder, body=body))


def _advance(session: Session, node: Node, name: str) -> None:
    """Takes every step that the messages at hand allow; messages may arrive before the proposal."""
    row = session.get(CeremonyRow, name)
    if row is None or row.state in ("done", "failed"):
        return
    if _complained(session, node, row):
        return
    proposal = pb.CeremonyProposal.FromString(row.proposal)
    try:
        if row.state == "committed" and (commits := _complete(session, proposal, "commit")):
            _deal(session, node, row, proposal, commits)
        if row.state == "dealt" and (deals := _complete(session, proposal, "deal")):
            _confirm(session, node, row, proposal, deals)
        if row.state == "confirmed" and (confirms := _complete(session, proposal, "confirm")):
            _finish(session, node, row, confirms)
    except protocol.Blame as blame:
        _blame(session, node, row, blame)


def _complained(session: Session, node: Node, row: CeremonyRow) -> bool:
    query = select(CeremonyMessage).where(
        CeremonyMessage.ceremony == row.id, CeremonyMessage.round == "complaint"
    )
    first = session.exec(query.order_by(col(CeremonyMessage.holder))).first()
    if first is None:
        return False
    holders, message = node.roster(session).holders, pb.CeremonyComplaint.FromString(first.body)
    accused = holders.get(message.accused, "?")
    _fail(session, node, row, f"{holders.get(first.holder, '?')} blames {accused}: {message.reason}")
    return True


def _complete(session: Session, proposal: pb.CeremonyProposal, stage: str) -> dict[int, bytes] | None:
    query = select(CeremonyMessage).where(
        CeremonyMessage.ceremony == proposal.ceremony.hex(), CeremonyMessage.round == stage
    )
    found = {message.holder: message.body for message in session.exec(query).all()}
    return found if set(found) == set(proposal.holders) else None


def _deal(
    session: Session,
    node: Node,
    row: CeremonyRow,
    proposal: pb.CeremonyProposal,
    _commits: Mapping[int, bytes],
) -> None:
    roster = node.roster(session)
    dealing = _dealing(session, node, row)
    me = _index(session, node)
    for index in proposal.holders:
        team = roster.holders[index]
        sealing = node.keys.sealing.public if index == me else roster.team(team).sealing_key
        deal = pb.CeremonyDeal(
            ceremony=proposal.ceremony,
            public=dealing.public,
            shares=seal(
                sealing, dealing.shares_for(index), info=_share_info(proposal, me, index), chance=node.chance
            ),
        )
        if index == me:
            _store(session, row.id, "deal", me, deal)
        else:
            send(session, node, deal, team)
    row.state = "dealt"
    session.add(row)
    session.flush()


def _confirm(
    session: Session, node: Node, row: CeremonyRow, proposal: pb.CeremonyProposal, deals: Mapping[int, bytes]
) -> None:
    me = _index(session, node)
    publics, dealts, shares = _verified(session, node, proposal, deals, me)
    mine, commitments = protocol.finish(dealts, shares, me)
    for kind, share in mine.items():
        where = f"key_share/{row.epoch}/{kind}"
        sealed = node.vault.seal(session, where, share.scalar.to_bytes(32, "little"))
        session.add(KeyShare(epoch=row.epoch, kind=kind, holder=me, scalar_sealed=sealed))
    statement = _key_set(session, node, proposal, commitments, protocol.transcript(publics))
    signed = envelopes.pae(statement.header, statement.payload)
    confirm = pb.CeremonyConfirm(
        ceremony=proposal.ceremony,
        transcript=protocol.transcript(publics),
        key_set=statement.payload,
        key_set_header=statement.header,
        key_set_signature=envelope_pb2.Signature(
            key_id=node.keys.signer.key_id, signature=node.keys.signer.sign(signed)
        ),
    )
    _store(session, row.id, "confirm", me, confirm)
    for team in _others(session, node):
        send(session, node, confirm, team)
    row.state = "confirmed"
    session.add(row)
    session.flush()


def _verified(
    session: Session, node: Node, proposal: pb.CeremonyProposal, deals: Mapping[int, bytes], me: int
) -> tuple[dict[int, bytes], dict[int, protocol.Dealt], dict[int, bytes]]:
    commits = _complete(session, proposal, "commit") or {}
    publics: dict[int, bytes] = {}
    dealts: dict[int, protocol.Dealt] = {}
    shares: dict[int, bytes] = {}
    for dealer in sorted(deals):
        deal = pb.CeremonyDeal.FromString(deals[dealer])
        commitment = pb.CeremonyCommit.FromString(commits[dealer]).commitment
        dealts[dealer] = protocol.check_public(
            deal.public, commitment, proposal.ceremony, dealer, list(proposal.kinds), proposal.threshold
        )
        publics[dealer] = deal.public
        try:
            shares[dealer] = open_box(node.keys.sealing, deal.shares, _share_info(proposal, dealer, me))
        except Exception as error:
            raise protocol.Blame(dealer, "share") from error
        protocol.check_shares(dealts[dealer], me, shares[dealer])
    return publics, dealts, shares


def _finish(session: Session, node: Node, row: CeremonyRow, confirms: Mapping[int, bytes]) -> None:
    parsed = {holder: pb.CeremonyConfirm.FromString(body) for holder, body in confirms.items()}
    mine = parsed[_index(session, node)]
    for holder, confirm in sorted(parsed.items()):
        same = (confirm.transcript, confirm.key_set, confirm.key_set_header) == (
            mine.transcript,
            mine.key_set,
            mine.key_set_header,
        )
        if not same:
            raise protocol.Blame(holder, "transcript")
    statement = envelope_pb2.Envelope(
        header=mine.key_set_header,
        payload=mine.key_set,
        signatures=[parsed[holder].key_set_signature for holder in sorted(parsed)],
    )
    trusted = keyset.TrustedKeySet.open(statement, node.roster(session), node.now())
    session.add(KeySetRow(epoch=trusted.epoch, envelope=statement.SerializeToString(), trusted_at=node.now()))
    row.state, row.dealing_sealed = "done", b""  # the polynomials are of no further use
    session.add(row)
    ledger.record(
        session,
        node,
        "collection",
        justification="distributed key generation completed",
        legal_basis="LED Article 29",
        result=f"epoch {trusted.epoch}",
        subject=f"ceremony:{row.id}",
    )
    node.wake("selectors")


def _blame(session: Session, node: Node, row: CeremonyRow, blame: protocol.Blame) -> None:
    accused = node.roster(session).holders.get(blame.holder, "?")
    _fail(session, node, row, f"{accused} sent a wrong {blame.reason}")
    complaint = pb.CeremonyComplaint(
        ceremony=bytes.fromhex(row.id), accused=blame.holder, reason=blame.reason
    )
    for team in _others(session, node):
        send(session, node, complaint, team)


def _fail(session: Session, node: Node, row: CeremonyRow, reason: str) -> None:
    if row.state == "confirmed":  # shares of this epoch are this ceremony's
        session.exec(delete(KeyShare).where(col(KeyShare.epoch) == row.epoch))
    row.state, row.reason, row.dealing_sealed = "failed", reason, b""
    session.add(row)
    raise_alarm(session, node, "critical", "ceremony-failed", f"key ceremony failed: {reason}")


def _dealing(session: Session, node: Node, row: CeremonyRow) -> protocol.Dealing:
    return protocol.Dealing.from_bytes(
        node.vault.open(session, f"ceremony/{row.id}/dealing", row.dealing_sealed)
    )


def _key_set(
    session: Session,
    node: Node,
    proposal: pb.CeremonyProposal,
    commitments: Mapping[str, Commitments],
    transcript: bytes,
) -> envelope_pb2.Envelope:
    """The unsigned key set: equal bytes at every holder, since all of it follows from the ceremony."""
    content = keyset.build(
        federation=node.settings.federation,
        epoch=proposal.epoch,
        roster_version=proposal.roster_version,
        purpose=proposal.purpose,
        threshold=proposal.threshold,
        holders=list(proposal.holders),
        labels={kind: commitments[kind].points for kind in proposal.kinds},
        not_before=envelopes.instant(proposal.not_before_ms),
        not_after=envelopes.instant(proposal.not_after_ms),
        transcript=transcript,
    )
    first = node.roster(session).holders[proposal.holders[0]]
    return keyset.compose(content, sender=first, issued_at=envelopes.instant(proposal.not_before_ms))


def _share_info(proposal: pb.CeremonyProposal, dealer: int, receiver: int) -> bytes:
    return _INFO + proposal.ceremony + bytes([dealer, receiver])


def _others(session: Session, node: Node) -> Sequence[str]:
    return [team for _, team in sorted(node.roster(session).holders.items()) if team != node.team]


def _index(session: Session, node: Node, team: str | None = None) -> int:
    wanted = team or node.team
    for index, holder in node.roster(session).holders.items():
        if holder == wanted:
            return index
    raise Conflict(f"{wanted} holds no share in this roster", field="team")
