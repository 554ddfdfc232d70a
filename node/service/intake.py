"""Intake: a case file becomes cases, selectors, records and data items, once.

Reading the same file again changes nothing; a line whose facts changed alters its record, and the
change is logged. Bad lines are reported and cost only themselves.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, delete, select

from node.flow.facts import fact_class, item_facts, line_facts
from node.flow.intake import DataItem, SelectorLine, fingerprint, read_case_file
from node.records import CaseRow, DataItemRow, HitRecord, ImportRow, Selector, SelectorRecord
from node.service import ledger, matching
from node.service.context import Node

PIECE = 2_000
CHUNK = 500
_ENDED = ("withdrawn", "erased")  # by a person: no file brings it back


class Kept(NamedTuple):
    """What became of one normal form: `new`, `changed` or `unchanged`, and its selector."""

    word: str
    selector: int


def import_file(node: Node, name: str, data: bytes) -> Iterator[dict[str, Any]]:
    """Imports one case file; yields progress, then the report."""
    digest = hashlib.sha256(data).hexdigest()
    intake = read_case_file(name, data, now=node.now(), team_state=node.settings.state, defaults=None)
    counts = Counter({"new": 0, "changed": 0, "unchanged": 0})
    for start in range(0, len(intake.records), PIECE):
        piece = intake.records[start : start + PIECE]
        with node.store.write() as session:
            held = _Held(session, node, piece)
            kept = [
                _keep(session, node, held, line, normal, digest)
                for line in piece
                for normal in line.normal_forms
            ]
            session.flush()  # records before the items that name them
            session.add_all(held.items)
            counts.update(each.word for each in kept)
            # A selector that has its pseudonym already may meet others by what is new about it.
            matching.match_own(session, node, [each.selector for each in kept if each.word != "unchanged"])
            if start + PIECE >= len(intake.records):
                _close(session, node, name, digest, intake.lines_read, counts, len(intake.problems))
        yield {
            "done": min(start + PIECE, len(intake.records)),
            "total": len(intake.records),
            "what": "import",
        }
    node.wake("selectors")
    yield {
        "result": {
            "file": name,
            "digest": digest,
            "lines": intake.lines_read,
            "encoding": intake.format.encoding,
            "delimiter": intake.format.delimiter,
            "selectors": dict(counts),
            "cases": len(intake.cases),
            "problems": [asdict(problem) for problem in intake.problems],
        }
    }


def _close(
    session: Session, node: Node, name: str, digest: str, lines: int, counts: Counter[str], problems: int
) -> None:
    kept = sum(counts.values())
    session.merge(
        ImportRow(
            digest=digest,
            name=name,
            read_at=node.now(),
            lines=lines,
            kept=kept,
            problems=problems,
            summary=dict(counts),
        )
    )
    if counts["new"] or counts["changed"]:
        ledger.record(
            session,
            node,
            "collection" if counts["new"] else "alteration",
            justification=f"case file with {kept} selectors read",
            legal_basis="LED Article 8",
            result=f"file sha256:{digest}",
            subject=f"import:{digest}",
        )


class _Held:
    """What the store holds of some lines' cases, selectors and records, read together and not line by line.

    Cases and selectors that it lacks are made. `items` collects the data items of what is kept.
    """

    def __init__(self, session: Session, node: Node, lines: Sequence[SelectorLine]) -> None:
        references = dict.fromkeys(line.case_reference for line in lines)
        self.cases = {reference: _case(session, node, reference) for reference in references}
        self.selectors: dict[bytes, Selector] = {}
        self.records: dict[bytes, SelectorRecord] = {}
        self.items: list[DataItemRow] = []
        for start in range(0, len(lines), CHUNK):
            self._read(session, node, lines[start : start + CHUNK])

    def _read(self, session: Session, node: Node, lines: Sequence[SelectorLine]) -> None:
        named = {
            selector_digest(node, line.kind, normal): (line, normal)
            for line in lines
            for normal in line.normal_forms
        }
        found = session.exec(select(Selector).where(col(Selector.digest).in_(list(named)))).all()
        self.selectors |= {row.digest: row for row in found}
        for digest, (line, normal) in named.items():
            if digest not in self.selectors:
                self.selectors[digest] = _selector(session, node, line.kind, normal, digest)
        identities = [
            self.identity(node, line, selector_digest(node, line.kind, normal))
            for line in lines
            for normal in line.normal_forms
        ]
        session.flush()
        rows = session.exec(select(SelectorRecord).where(col(SelectorRecord.identity).in_(identities))).all()
        self.records |= {row.identity: row for row in rows}

    def identity(self, node: Node, line: SelectorLine, digest: bytes) -> bytes:
        """The look-up key of the record of a selector in a line's case."""
        case = self.cases[line.case_reference]
        return node.vault.digest("record", digest + (case.id if case else "").encode())


def _keep(session: Session, node: Node, held: _Held, line: SelectorLine, normal: str, source: str) -> Kept:
    case = held.cases[line.case_reference]
    digest = selector_digest(node, line.kind, normal)
    identity = held.identity(node, line, digest)
    stamp = node.vault.digest("facts", fingerprint(line))
    row = held.records.get(identity)
    if row is not None and (row.fingerprint == stamp or row.state in _ENDED):
        return Kept("unchanged", row.selector_id)
    word = "new" if row is None else "changed"
    if row is None:
        row = SelectorRecord(
            id=str(UUID(bytes=node.chance(16), version=4)),
            selector_id=held.selectors[digest].id or 0,
            case_id=case.id if case else None,
            identity=identity,
            fingerprint=stamp,
            display_sealed=b"",
            fact_class="",
            created_at=node.now(),
        )
        held.records[identity] = row
    else:
        session.exec(delete(DataItemRow).where(col(DataItemRow.record_id) == row.id))
        held.items = [item for item in held.items if item.record_id != row.id]
    _state(session, node, row, line, stamp, source)
    held.items += [
        _item(session, node, row, line, item, number, data_key(row.case_id))
        for number, item in enumerate(line.items)
    ]
    return Kept(word, row.selector_id)


def _state(
    session: Session, node: Node, row: SelectorRecord, line: SelectorLine, stamp: bytes, source: str
) -> None:
    """Writes what the line says into its record. A later date brings an expired record back."""
    row.fingerprint = stamp
    row.facts = line_facts(line, node.settings.state)
    row.fact_class = fact_class(row.facts)
    row.expires_on = row.facts.get("retention_until")
    row.source = f"{source}:{line.line}"
    where = f"selector_record/{row.id}/display"
    row.display_sealed = node.vault.seal(session, where, line.display.encode(), data_key(row.case_id))
    if row.state == "expired" and (row.expires_on or "") >= node.now().date().isoformat():
        row.state = "live"
        session.exec(delete(HitRecord).where(col(HitRecord.record_id) == row.id))  # they meet anew
    session.add(row)


def _item(
    session: Session,
    node: Node,
    row: SelectorRecord,
    line: SelectorLine,
    item: DataItem,
    number: int,
    key: str,
) -> DataItemRow:
    stable = node.vault.digest("item", f"{row.id}\0{number}\0{item.category}\0{item.label}".encode())
    name = str(UUID(bytes=stable[:16], version=4))
    return DataItemRow(
        id=name,
        record_id=row.id,
        category=item.category,
        label=item.label,
        value_sealed=node.vault.seal(session, f"data_item/{name}/value", item.value.encode(), key),
        facts=item_facts(item, line, node.settings.state),
    )


def _case(session: Session, node: Node, reference: str | None) -> CaseRow | None:
    if reference is None:
        return None
    digest = node.vault.digest("case", reference.encode())
    row = session.exec(select(CaseRow).where(CaseRow.digest == digest)).first()
    if row is None:
        name = str(UUID(bytes=node.chance(16), version=4))
        where = f"case/{name}/reference"
        sealed = node.vault.seal(session, where, reference.encode(), data_key(name))
        row = CaseRow(id=name, digest=digest, reference_sealed=sealed, created_at=node.now())
        session.add(row)
        session.flush()
    return row


def _selector(session: Session, node: Node, kind: str, normal: str, digest: bytes) -> Selector:
    sealed = node.vault.seal(session, f"selector/{digest.hex()}/normal", normal.encode())
    row = Selector(kind=kind, digest=digest, normal_sealed=sealed)
    session.add(row)
    return row


def selector_digest(node: Node, kind: str, normal: str) -> bytes:
    """The look-up key of a normal form in this node's store."""
    return node.vault.digest("selector", f"{kind}\0{normal}".encode())


def data_key(case_id: str | None) -> str:
    """The data key that seals what belongs to a case."""
    return f"case:{case_id}" if case_id else "node"
