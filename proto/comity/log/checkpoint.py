"""Checkpoints (C2SP tlog-checkpoint), cosignatures (tlog-cosignature) and the witness (tlog-witness).

The rules:

* A checkpoint is a log's signed commitment to its size and root; its origin is `comity/<federation>/<team>`
  and the name of the key that signs it.
* A cosignature (algorithm 0x04) says: as of this time, this is the largest consistent tree I have seen of
  this log.
* A witness cosigns only what extends what it cosigned before. Two signed checkpoints of one size and
  different roots are proof of a fork: the witness refuses and hands out both notes. A consistency proof that
  does not hold is a suspicion, not proof, and is kept in the same way.

Left to the caller: storing the witness's new state *before* the cosignature leaves, atomically with reading
the old one; otherwise two requests at once could take the witness back.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from comity.envelope import Signer, milliseconds, signature_is_good
from comity.errors import Conflict, Corrupt, Malformed, NotFound, Unauthenticated
from comity.identifiers import log_origin
from comity.log import note as notes
from comity.log.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from comity.log.note import COSIGNATURE, Note, NoteKey, NoteSignature

MAX_CONSISTENCY = 63  # hashes in one request (tlog-witness)
MAX_SIZE = 2**63 - 1  # leaves

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and root hash under its origin."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        notes.check_name(self.origin)
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_SIZE:
            raise Malformed("A checkpoint has a size and a root of 32 bytes.", field="checkpoint")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise Malformed("An empty log has the empty root.", field="checkpoint")

    def to_text(self) -> str:
        """The note text: origin, size, base64 root, extension lines; each with its newline."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "".join(each + "\n" for each in lines)

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """The checkpoint in a note's text; Malformed when it is none."""
        lines = notes.check_text(text)[:-1].split("\n")
        if len(lines) < 3 or not _DECIMAL.fullmatch(lines[1]) or "" in lines[3:]:
            raise Malformed("This is not a checkpoint.", field="checkpoint")
        return cls(lines[0], int(lines[1]), notes.decode_base64(lines[2], "checkpoint"), tuple(lines[3:]))


def origin(federation: str, team: str) -> str:
    """Origin line of a team's log."""
    return log_origin(federation, team)


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Note:
    """The checkpoint as a note signed by the log itself, under its origin's name."""
    return notes.sign_note(checkpoint.to_text(), name=checkpoint.origin, signer=signer)


def open_checkpoint(note: Note, origin: str, public: bytes) -> Checkpoint:
    """The checkpoint, once the log's key has signed it under this `origin` (Unauthenticated, Malformed)."""
    notes.verify(note, NoteKey(origin, public))
    checkpoint = Checkpoint.from_text(note.text)
    if checkpoint.origin != origin:
        raise Unauthenticated("The checkpoint is another log's.", code="wrong-origin", field="origin")
    return checkpoint


def cosign(note: Note, signer: Signer, name: str, now: datetime) -> NoteSignature:
    """The witness `name`'s cosignature line over the note's text, as of `now` (whole seconds)."""
    seconds = milliseconds(now) // 1000
    blob = seconds.to_bytes(8, "big") + signer.sign(_cosigned(note.text, seconds))
    return NoteSignature(name, NoteKey(name, signer.public, COSIGNATURE).key_id, blob)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def verify_cosignatures(note: Note, witnesses: Mapping[str, bytes]) -> dict[str, datetime]:
    """Which of `witnesses` (name to public key) cosigned the note, and as of when.

    Lines of others are ignored. Unauthenticated when a known witness's line is wrong.
    """
    found: dict[str, datetime] = {}
    for line in note.signatures:
        public = witnesses.get(line.name)
        if public is not None and line.key_id == NoteKey(line.name, public, COSIGNATURE).key_id:
            found[line.name] = _cosigned_at(note.text, line, public)
    return found


def _cosigned_at(text: str, line: NoteSignature, public: bytes) -> datetime:
    seconds = int.from_bytes(line.blob[:8], "big")
    if len(line.blob) != 72 or not signature_is_good(public, _cosigned(text, seconds), line.blob[8:]):
        raise Unauthenticated("A cosignature is wrong.", code="bad-cosignature", field="note")
    if seconds > 253_402_300_799:
        raise Malformed("A cosignature's time is out of range.", field="note")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


class Inconsistent(Conflict):
    """A log contradicts what this witness cosigned; both notes are the evidence.

    Code `fork`: same size, different roots, both signed: proof. Code `inconsistent`: the proof did not hold.
    """

    def __init__(self, message: str, *, code: str, earlier: bytes, later: bytes) -> None:
        super().__init__(
            message, code=code, field="note", remedy="tell the federation; keep both signed notes"
        )
        self.earlier = earlier
        self.later = later


@dataclass(frozen=True, slots=True)
class LogState:
    """What a witness remembers of one log: the newest checkpoint it cosigned, and that note."""

    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The witness's answer when all is well: the line to return, once `state` is stored."""

    line: NoteSignature
    state: LogState


@dataclass(frozen=True, slots=True)
class KnownSize:
    """The witness's answer when the caller starts from another size than the witness holds."""

    size: int


@dataclass(frozen=True, slots=True)
class Witness:
    """A cosigner of other teams' logs (C2SP tlog-witness), as a function of its state."""

    name: str
    signer: Signer
    logs: Mapping[str, bytes]
    """Origin to public key of every log that this witness knows."""

    def origin_of(self, data: bytes) -> str:
        """Whose log a request is about: for finding the state; nothing is verified yet."""
        return Checkpoint.from_text(notes.parse(data).text).origin

    def check_and_cosign(
        self,
        last: LogState | None,
        *,
        old_size: int,
        consistency: Sequence[bytes],
        note: bytes,
        now: datetime,
    ) -> Cosigned | KnownSize:
        """Judges one request against `last`, what this witness last cosigned of the log.

        1. The origin is known (NotFound) and the log's own key signed the note (Unauthenticated).
        2. `old_size` is not above the checkpoint's size, the proof not too long (Malformed).
        3. `old_size` is the size of `last`, or 0 for none; otherwise the answer is `KnownSize`.
        4. Same size: same root (Inconsistent, `fork`).
        5. Larger: the consistency proof holds, and is empty from 0 (Inconsistent, `inconsistent`; Malformed).
        """
        parsed = notes.parse(note)  # 1
        checkpoint = self._verified(parsed)
        if not 0 <= old_size <= checkpoint.size or len(consistency) > MAX_CONSISTENCY:  # 2
            raise Malformed("The request starts above the checkpoint.", field="old_size")
        held = last.size if last else 0
        if old_size != held:  # 3
            return KnownSize(held)
        if last is not None and last.size > 0:
            _check_extends(last, checkpoint, consistency, note)  # 4, 5
        elif consistency:
            raise Malformed("From nothing there is nothing to prove.", field="consistency")
        line = cosign(parsed, self.signer, self.name, now)
        return Cosigned(line, LogState(checkpoint.size, checkpoint.root, note))

    def _verified(self, note: Note) -> Checkpoint:
        claimed = Checkpoint.from_text(note.text).origin
        public = self.logs.get(claimed)
        if public is None:
            raise NotFound("This witness does not know that log.", code="unknown-log", field="origin")
        return open_checkpoint(note, claimed, public)


def _check_extends(last: LogState, new: Checkpoint, consistency: Sequence[bytes], note: bytes) -> None:
    if new.size == last.size and new.root != last.root:
        raise Inconsistent(
            "The log signed two different trees of one size.", code="fork", earlier=last.note, later=note
        )
    try:
        verify_consistency(last.size, new.size, consistency, last.root, new.root)
    except Corrupt as problem:
        raise Inconsistent(
            "The log does not prove that it only grew.", code="inconsistent", earlier=last.note, later=note
        ) from problem
