"""Bundles: what a node hands to a supervisor or a court, checkable without the node.

The rules:

* A bundle is one JSON file: the roster from version 1 on, a checkpoint with its cosignatures, log records
  with inclusion proofs, and, where asked for, an earlier checkpoint with a consistency proof, opened
  commitments, and a disclosure with its approvals.
* `check_bundle` is a numbered recipe. Each check passes, fails, or says that it could not be made; nothing
  that was not checked counts as passed. A bundle holds when no check fails.
* Without the roster's fingerprint from elsewhere the bundle proves only that it agrees with itself, and the
  report says so.

What a bundle cannot show: that an operation which should have been logged was not left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from comity.errors import ComityError, Unauthenticated
from comity.log.checkpoint import Checkpoint, open_checkpoint, origin, verify_cosignatures
from comity.log.export import Bundle, Disclosure, OpenedCommitment, ProvenRecord
from comity.log.merkle import leaf_hash, verify_consistency, verify_inclusion
from comity.log.note import Note
from comity.log.record import LogRecord, check_opening
from comity.officer import check_approval
from comity.roster import TrustedRoster, fingerprint_of
from comity.v1.delivery_pb2 import OfficerSignature

__all__ = [
    "Bundle",
    "Check",
    "Disclosure",
    "OpenedCommitment",
    "ProvenRecord",
    "Report",
    "check_bundle",
]

Outcome = Literal["pass", "fail", "not checked"]


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered check: what was asked, how it came out, and why."""

    number: int
    question: str
    outcome: Outcome
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one bundle."""

    checks: tuple[Check, ...]
    records: tuple[LogRecord, ...] = ()
    roster_fingerprint: str = ""

    @property
    def ok(self) -> bool:
        """Whether no check failed. See `pinned` before relying on it."""
        return all(each.outcome != "fail" for each in self.checks)

    @property
    def pinned(self) -> bool:
        """Whether a fingerprint from elsewhere ties the bundle to the federation (check 1)."""
        return bool(self.checks) and self.checks[0].outcome == "pass"

    def as_dict(self) -> dict[str, Any]:
        """The report as data."""
        return {
            "ok": self.ok,
            "pinned": self.pinned,
            "roster_fingerprint": self.roster_fingerprint,
            "checks": [
                {"number": c.number, "question": c.question, "outcome": c.outcome, "words": c.words}
                for c in self.checks
            ],
        }


class _NotCheckedError(Exception):
    """Raised inside a check to say why it cannot be made."""


@dataclass
class _Case:
    """What earlier checks established, for the later ones."""

    bundle: Bundle
    fingerprint: str | None
    now: datetime
    chain: list[TrustedRoster] = field(default_factory=list)
    checkpoint: Checkpoint | None = None
    proven: dict[int, LogRecord] = field(default_factory=dict)

    def roster(self) -> TrustedRoster:
        """The newest roster that check 1 or 2 established."""
        if not self.chain:
            raise _NotCheckedError("there is no trusted roster to check it with")
        return self.chain[-1]

    def roster_at(self, at: datetime) -> TrustedRoster:
        """The roster in force at `at`."""
        self.roster()
        return next((each for each in reversed(self.chain) if each.issued_at <= at), self.chain[0])

    def record(self, index: int) -> LogRecord:
        """A record that check 5 found in the log."""
        if index not in self.proven:
            raise Unauthenticated("It belongs to a record that is not proven.", field="bundle")
        return self.proven[index]


def check_bundle(data: bytes, *, fingerprint: str | None, now: datetime) -> Report:
    """The report on a bundle file; Malformed when the file is unusable.

    1. Is the first roster the one that the fingerprint names?
    2. Does each roster follow from the one before?
    3. Did the team's own log sign the checkpoint?
    4. Did others witness the checkpoint?
    5. Is each record in the log, at its place?
    6. Did the log only grow since the earlier checkpoint?
    7. Are the opened values the ones that the records committed to?
    8. Is the disclosed content the one that the record names?
    9. Did certified officers of the team approve exactly that?
    """
    case = _Case(Bundle.from_bytes(data), fingerprint, now)
    checks = tuple(_run(number, *each, case) for number, each in enumerate(_CHECKS, start=1))
    first = fingerprint_of(case.bundle.rosters[0]) if case.bundle.rosters else ""
    return Report(checks, tuple(case.proven.values()), first)


def _run(number: int, question: str, check: Callable[[_Case], str], case: _Case) -> Check:
    try:
        return Check(number, question, "pass", check(case))
    except _NotCheckedError as reason:
        return Check(number, question, "not checked", str(reason))
    except ComityError as problem:
        return Check(number, question, "fail", str(problem))


def _check_pinned(case: _Case) -> str:
    if not case.bundle.rosters:
        raise Unauthenticated("The bundle carries no roster.", field="rosters")
    first = case.bundle.rosters[0]
    stated = fingerprint_of(first)
    case.chain.append(TrustedRoster.pin(first, case.fingerprint or stated, case.now))
    if case.fingerprint is None:
        raise _NotCheckedError(
            f"no fingerprint was given: compare {stated} with one you have from another source"
        )
    return f"it is {stated}"


def _check_chain(case: _Case) -> str:
    case.roster()
    for each in case.bundle.rosters[1:]:
        case.chain.append(case.chain[-1].advance(each, case.now))
    newest = case.chain[-1]
    return f"federation {newest.federation} ({newest.mode}), versions 1 to {newest.version}"


def _check_signed(case: _Case) -> str:
    roster = case.roster()
    note, team = case.bundle.checkpoint, case.bundle.team
    name = origin(roster.federation, team)
    problem: ComityError | None = None
    for each in reversed(case.chain):  # the signing key may have changed since
        member = each.find(team)
        if member is None:
            continue
        try:
            case.checkpoint = open_checkpoint(note, name, member.signing_key)
        except ComityError as why:
            problem = problem or why
        else:
            return f"{name} signed a log of {case.checkpoint.size} records"
    raise problem or Unauthenticated("The roster has no such team.", field="team")


def _check_witnessed(case: _Case) -> str:
    own = origin(case.roster().federation, case.bundle.team)
    seen: dict[str, datetime] = {}
    for each in case.chain:
        others = {name: key for name, key in each.witnesses.items() if name != own}
        seen |= verify_cosignatures(case.bundle.checkpoint, others)
    if not seen:
        raise Unauthenticated(
            "Nobody but the log's owner vouches for the checkpoint.", code="no-witness", field="checkpoint"
        )
    return ", ".join(f"{name} at {seen[name]:%Y-%m-%d %H:%M:%S} UTC" for name in sorted(seen))


def _check_included(case: _Case) -> str:
    if case.checkpoint is None:
        raise _NotCheckedError("there is no verified checkpoint to check it with")
    for each in case.bundle.records:
        leaf = leaf_hash(each.record)
        verify_inclusion(leaf, each.index, case.checkpoint.size, each.proof, case.checkpoint.root)
        case.proven[each.index] = LogRecord.from_bytes(each.record)
    if not case.proven:
        raise _NotCheckedError("the bundle carries no record")
    return f"{len(case.proven)} of {case.checkpoint.size} records, each with its proof"


def _check_grown(case: _Case) -> str:
    if case.bundle.earlier is None:
        raise _NotCheckedError("the bundle carries no earlier checkpoint")
    if case.checkpoint is None:
        raise _NotCheckedError("there is no verified checkpoint to check it with")
    name = case.checkpoint.origin
    keys = [each.find(case.bundle.team) for each in case.chain]
    earlier = _open_with_any(case.bundle.earlier, name, [each.signing_key for each in keys if each])
    if earlier.size == 0:
        raise _NotCheckedError("the earlier checkpoint is of an empty log: anything grows from it")
    verify_consistency(
        earlier.size, case.checkpoint.size, case.bundle.consistency, earlier.root, case.checkpoint.root
    )
    return f"from {earlier.size} to {case.checkpoint.size} records"


def _open_with_any(note: Note, name: str, keys: Sequence[bytes]) -> Checkpoint:
    for key in reversed(keys):
        try:
            return open_checkpoint(note, name, key)
        except Unauthenticated:
            continue
    raise Unauthenticated("The earlier checkpoint is not signed by the log.", field="earlier")


def _check_opened(case: _Case) -> str:
    if not case.bundle.opened:
        raise _NotCheckedError("the bundle opens no commitment")
    for each in case.bundle.opened:
        commitment = case.record(each.index).commitments.get(each.name)
        if commitment is None:
            raise Unauthenticated("The record has no commitment of that name.", field="opened")
        check_opening(commitment, each.opening)
    return f"{len(case.bundle.opened)} opened"


def _check_content(case: _Case) -> str:
    if not case.bundle.disclosures:
        raise _NotCheckedError("the bundle carries no disclosure")
    for each in case.bundle.disclosures:
        record = case.record(each.index)
        if hashlib.sha256(each.content).hexdigest() != record.content_digest:
            raise Unauthenticated("The content is not the one that was logged.", field="disclosures")
    return f"{len(case.bundle.disclosures)} disclosed, as logged"


def _check_approved(case: _Case) -> str:
    if not case.bundle.disclosures:
        raise _NotCheckedError("the bundle carries no disclosure")
    names = []
    for each in case.bundle.disclosures:
        record = case.record(each.index)
        if not each.approvals:
            raise Unauthenticated("Nobody approved the disclosure.", field="disclosures")
        names += [_approver(approval, record, case) for approval in each.approvals]
    return "; ".join(names)


def _approver(approval: OfficerSignature, record: LogRecord, case: _Case) -> str:
    digest = bytes.fromhex(record.approval_digest or record.content_digest)
    officer = check_approval(
        approval,
        digest,
        roster=case.roster_at(record.at),
        team=case.bundle.team,
        required_role=approval.role,
        now=record.at,
    )
    return f"{officer.officer} of {officer.team} as {approval.role}"


_CHECKS: tuple[tuple[str, Callable[[_Case], str]], ...] = (
    ("Is the first roster the one that the fingerprint names?", _check_pinned),
    ("Does each roster follow from the one before?", _check_chain),
    ("Did the team's own log sign the checkpoint?", _check_signed),
    ("Did others witness the checkpoint?", _check_witnessed),
    ("Is each record in the log, at its place?", _check_included),
    ("Did the log only grow since the earlier checkpoint?", _check_grown),
    ("Are the opened values the ones that the records committed to?", _check_opened),
    ("Is the disclosed content the one that the record names?", _check_content),
    ("Did certified officers of the team approve exactly that?", _check_approved),
)
