"""Checkpoints of the own log, cosigned by peers and brokers; and cosigning theirs.

The state a witness keeps is stored before its cosignature leaves. A log that shows two trees is
refused, and both signed notes are kept as evidence.
"""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import Session, col, select

from comity.envelope import parse_envelope
from comity.errors import ComityError, Corrupt, Forbidden, Malformed, NotFound
from comity.identifiers import broker_witness, log_origin
from comity.log import note as notes
from comity.log.bundle import check_bundle
from comity.log.checkpoint import (
    Checkpoint,
    Inconsistent,
    KnownSize,
    LogState,
    Witness,
    open_checkpoint,
    sign_checkpoint,
    verify_cosignatures,
)
from comity.log.export import Bundle, Disclosure, ProvenRecord
from comity.log.merkle import Tree, leaf_hash, verify_consistency
from comity.log.note import NoteSignature
from comity.v1 import delivery_pb2, log_pb2
from node.records import Disclosure as DisclosureRow
from node.records import LogCheckpoint, LogLeaf, RosterRow, WitnessedLog
from node.service.context import Node, get_meta, raise_alarm, set_meta


def origin(node: Node) -> str:
    """The name of this node's log, and of this node as a witness."""
    return log_origin(node.settings.federation, node.team)


def checkpoint(node: Node) -> int:
    """Signs the tree as it is, if it grew; returns its size."""
    with node.store.read() as session:
        tree = node.tree.at(session)
        size, root = tree.size, tree.root()
        newest = _newest(session)
    if size == 0 or (newest is not None and newest.size >= size):
        return newest.size if newest else 0
    note = sign_checkpoint(Checkpoint(origin(node), size, root), node.keys.signer)
    with node.store.write() as session:
        if session.get(LogCheckpoint, size) is None:
            session.add(
                LogCheckpoint(size=size, root=root, note=note.to_bytes().decode(), signed_at=node.now())
            )
    return size


def gather(node: Node) -> dict[str, str]:
    """Has the newest checkpoint cosigned by every witness that answers; returns what each said."""
    size = checkpoint(node)
    if size == 0:
        return {}
    with node.store.read() as session:
        row = session.get(LogCheckpoint, size)
        witnesses = _witnesses(session, node)
    if row is None:
        return {}
    missing = {name: who for name, who in witnesses.items() if name not in row.cosigned_by.split()}
    return {who: _ask(node, row, name, who) for name, who in missing.items()}


def _ask(node: Node, row: LogCheckpoint, name: str, who: str) -> str:
    try:
        line = _cosignature(node, row, name, who)
    except ComityError as error:
        _note_contradiction(node, who, error)
        return error.message
    with node.store.write() as session:
        stored = session.get(LogCheckpoint, row.size)
        if stored is not None:
            note = notes.parse(stored.note.encode()).with_signatures([NoteSignature.from_line(line)])
            key = _witness_keys(session, node)[name]
            if name not in verify_cosignatures(note, {name: key}):
                return "the cosignature is not the witness's"
            stored.note = note.to_bytes().decode()
            stored.cosigned_by = " ".join(sorted({*stored.cosigned_by.split(), name}))
            session.add(stored)
        set_meta(session, f"witness:{name}", str(row.size))
    return "cosigned"


def _note_contradiction(node: Node, who: str, error: ComityError) -> None:
    """A witness that saw another log than ours alarms the operator; one that is down does not."""
    if isinstance(error, Corrupt) or error.code in ("fork", "inconsistent"):
        with node.store.write() as session:
            raise_alarm(session, node, "critical", "log-contradiction", f"witness {who}: {error.message}")


def _cosignature(node: Node, row: LogCheckpoint, name: str, who: str) -> str:
    with node.store.read() as session:
        known = int(get_meta(session, f"witness:{name}", "0"))
        tree = node.tree.at(session)
    own_note = notes.parse(row.note.encode())
    bare = notes.Note(own_note.text, own_note.signatures[:1]).to_bytes()
    for _ in range(2):
        proof = tree.consistency_proof(known, row.size) if 0 < known <= row.size else []
        request = log_pb2.AddCheckpointRequest(old_size=known, consistency=proof, note=bare)
        answer = node.peers.cosign(who, request)
        if answer.cosignature:
            return answer.cosignature
        if answer.known_size > row.size:
            raise Corrupt(
                "a witness knows a longer log than this node has: the database was rolled back",
                code="log-rollback",
                remedy="do not go on: restore the newest backup and compare with the witnesses",
            )
        known = answer.known_size
    raise Corrupt("the witness did not cosign", field="witness")


def add_checkpoint(
    node: Node, request: log_pb2.AddCheckpointRequest, *, caller: str
) -> log_pb2.AddCheckpointResponse:
    """Cosigns another team's checkpoint, if it extends what this node saw before."""
    with node.store.write() as session:
        roster = node.roster(session)
        logs = {log_origin(roster.federation, member.team): member.signing_key for member in roster.electors}
        witness = Witness(origin(node), node.keys.signer, logs)
        about = witness.origin_of(request.note)
        if about != log_origin(roster.federation, caller):
            raise Forbidden("a team has its own log cosigned only", field="note")
        row = session.get(WitnessedLog, about)
        last = LogState(row.size, row.root, row.note.encode()) if row else None
        try:
            verdict = witness.check_and_cosign(
                last,
                old_size=request.old_size,
                consistency=list(request.consistency),
                note=request.note,
                now=node.now(),
            )
        except Inconsistent as evidence:
            refused: Inconsistent | None = evidence
            assert row is not None
            row.fork = evidence.later.decode(errors="replace")
            session.add(row)
            raise_alarm(session, node, "critical", "log-fork", f"the log of {caller} contradicts itself")
        else:
            refused = None
            if isinstance(verdict, KnownSize):
                return log_pb2.AddCheckpointResponse(known_size=verdict.size)
            state = verdict.state
            session.merge(
                WitnessedLog(
                    origin=about,
                    size=state.size,
                    root=state.root,
                    note=state.note.decode(),
                    seen_at=node.now(),
                    fork=row.fork if row else "",
                )
            )
            line = verdict.line.to_line()
    if refused is not None:
        raise refused
    return log_pb2.AddCheckpointResponse(cosignature=line)


def verify(node: Node) -> dict[str, Any]:
    """Recomputes the whole log from its records and holds it against every checkpoint.

    1. Each record hashes to its leaf. 2. Indices have no gap. 3. Each checkpoint is signed by this
    node's key and names the root of the tree at its size. 4. Each extends the one before. 5. Its
    cosignatures are the witnesses'. What is newer than the last cosigned checkpoint is only as good
    as this machine, and is counted.
    """
    with node.store.read() as session:
        leaves = session.exec(select(LogLeaf).order_by(col(LogLeaf.index))).all()
        checkpoints = session.exec(select(LogCheckpoint).order_by(col(LogCheckpoint.size))).all()
        keys = _witness_keys(session, node)
    faults = [
        f"record {leaf.index} was changed" for leaf in leaves if leaf_hash(leaf.record) != leaf.leaf_hash
    ]
    faults += [f"record {place} is missing" for place, leaf in enumerate(leaves) if leaf.index != place][:1]
    tree = Tree(leaf_hash(leaf.record) for leaf in leaves)
    cosigned = 0
    before: LogCheckpoint | None = None
    for point in checkpoints:
        problem = _judge(node, tree, point, before, keys)
        if problem:
            faults.append(f"checkpoint {point.size}: {problem}")
        elif point.cosigned_by:
            cosigned = point.size
        before = point
    return {
        "ok": not faults,
        "records": len(leaves),
        "root": tree.root().hex(),
        "checkpoints": len(checkpoints),
        "cosigned": cosigned,
        "not_yet_cosigned": len(leaves) - cosigned,
        "witnesses": before.cosigned_by.split() if before else [],
        "faults": faults,
    }


def _judge(
    node: Node,
    tree: Tree,
    point: LogCheckpoint,
    before: LogCheckpoint | None,
    witnesses: dict[str, bytes],
) -> str:
    try:
        note = notes.parse(point.note.encode())
        signed = open_checkpoint(note, origin(node), node.keys.signer.public)
        if signed.size > tree.size:
            return "the log is shorter than its checkpoint: records were removed"
        if signed.root != tree.root(signed.size):
            return "the records do not lead to the signed root: one was changed, added or removed"
        if before is not None:
            proof = tree.consistency_proof(before.size, signed.size)
            verify_consistency(before.size, signed.size, proof, before.root, signed.root)
        found = verify_cosignatures(note, witnesses)
        absent = set(point.cosigned_by.split()) - set(found)
        return f"no valid cosignature of {', '.join(sorted(absent))}" if absent else ""
    except (ComityError, Malformed) as error:
        return error.message


def export(node: Node, subject: str, *, with_content: bool = False) -> bytes:
    """A bundle about one thing (`disclosure:ID`, `hit:ID`, `request:ID`, or `all`) for `comity-verify`."""
    gather(node)
    with node.store.read() as session:
        point = _newest(session)
        if point is None:
            raise NotFound("the log is empty", field="subject")
        tree = node.tree.at(session)
        query = select(LogLeaf).where(LogLeaf.index < point.size).order_by(col(LogLeaf.index))
        leaves = session.exec(query if subject == "all" else query.where(LogLeaf.subject == subject)).all()
        if not leaves:
            raise NotFound("the log has no record about that", field="subject", remedy="comity-node log list")
        rosters = session.exec(select(RosterRow).order_by(col(RosterRow.version))).all()
        earlier, consistency = _earlier(session, tree, point)
        return Bundle(
            team=node.team,
            rosters=tuple(parse_envelope(row.envelope) for row in rosters),
            checkpoint=notes.parse(point.note.encode()),
            records=tuple(
                ProvenRecord(leaf.index, leaf.record, tuple(tree.inclusion_proof(leaf.index, point.size)))
                for leaf in leaves
            ),
            earlier=earlier,
            consistency=consistency,
            disclosures=_disclosed(session, node, list(leaves)) if with_content else (),
        ).to_bytes()


def check(node: Node, bundle: bytes, fingerprint: str | None) -> dict[str, Any]:
    """The same check that `comity-verify` makes."""
    return check_bundle(bundle, fingerprint=fingerprint, now=node.now()).as_dict()


def _earlier(
    session: Session, tree: Tree, point: LogCheckpoint
) -> tuple[notes.Note | None, tuple[bytes, ...]]:
    query = select(LogCheckpoint).where(LogCheckpoint.size < point.size, LogCheckpoint.cosigned_by != "")
    row = session.exec(query.order_by(col(LogCheckpoint.size).desc())).first()
    if row is None:
        return None, ()
    return notes.parse(row.note.encode()), tuple(tree.consistency_proof(row.size, point.size))


def _disclosed(session: Session, node: Node, leaves: list[LogLeaf]) -> tuple[Disclosure, ...]:
    found = []
    for leaf in leaves:
        kind, _, name = leaf.subject.partition(":")
        row = session.get(DisclosureRow, name) if kind == "disclosure" else None
        if row is None or row.state != "released" or b'"content_digest"' not in leaf.record:
            continue
        content = node.vault.open(session, f"disclosure/{row.id}/content", row.content_sealed)
        approvals = tuple(
            delivery_pb2.OfficerSignature.FromString(bytes.fromhex(each["signed"])) for each in row.approvals
        )
        found.append(Disclosure(leaf.index, content, approvals))
    return tuple(found)


def _newest(session: Session) -> LogCheckpoint | None:
    return session.exec(select(LogCheckpoint).order_by(col(LogCheckpoint.size).desc())).first()


def newest_note(node: Node) -> bytes:
    """The newest checkpoint with its cosignatures, as a signed note."""
    with node.store.read() as session:
        row = _newest(session)
    return row.note.encode() if row else b""


def _witnesses(session: Session, node: Node) -> dict[str, str]:
    """Witness name to the team or broker that is asked."""
    roster = node.roster(session)
    teams = {
        log_origin(roster.federation, member.team): member.team
        for member in roster.electors
        if member.team != node.team
    }
    brokers = {broker_witness(roster.federation, broker.broker): broker.broker for broker in roster.brokers}
    return {**teams, **brokers}


def _witness_keys(session: Session, node: Node) -> dict[str, bytes]:
    return dict(node.roster(session).witnesses)


def listing(node: Node, last: int) -> list[dict[str, Any]]:
    """The newest records of the log, as anybody with the log may read them."""
    with node.store.read() as session:
        rows = session.exec(select(LogLeaf).order_by(col(LogLeaf.index).desc()).limit(last)).all()
    return [{"index": row.index, "subject": row.subject, **json.loads(row.record)} for row in reversed(rows)]
