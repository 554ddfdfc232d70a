"""Intake: a case file becomes cases, selectors, records and data items, once.

Reading the same file again changes nothing; a line whose facts changed alters its record, and the
change is logged. Bad lines are reported and cost only themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, delete, select

from node.flow.facts import fact_class, item_facts, line_facts
from node.flow.intake import DataItem, SelectorLine, fingerprint, read_case_file
from node.records import CaseRow, DataItemRow, ImportRow, Selector, SelectorRecord
from node.service import ledger
from node.service.context import Node

PIECE = 2_000


def import_file(node: Node, name: str, data: bytes) -> Iterator[dict[str, Any]]:
    """Imports one case file; yields progress, then the report."""
    digest = hashlib.sha256(data).hexdigest()
    intake = read_case_file(name, data, now=node.now(), team_state=node.settings.state, defaults=None)
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    for start in range(0, len(intake.records), PIECE):
        piece = intake.records[start : start + PIECE]
        with node.store.write() as session:
            for line in piece:
                for normal in line.normal_forms:
                    counts[_keep(session, node, line, normal, digest)] += 1
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
            "selectors": counts,
            "cases": len(intake.cases),
            "problems": [asdict(problem) for problem in intake.problems],
        }
    }


def _close(
    session: Session, node: Node, name: str, digest: str, lines: int, counts: dict[str, int], problems: int
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


def _keep(session: Session, node: Node, line: SelectorLine, normal: str, source: str) -> str:
    case = _case(session, node, line.case_reference)
    selector = _selector(session, node, line.kind, normal)
    identity = node.vault.digest("record", f"{selector.id}\0{case.id if case else ''}".encode())
    stamp = node.vault.digest("facts", fingerprint(line))
    row = session.exec(select(SelectorRecord).where(SelectorRecord.identity == identity)).first()
    if row is not None and row.fingerprint == stamp:
        return "unchanged"
    facts = line_facts(line, node.settings.state)
    key = data_key(case.id if case else None)
    verdict = "new" if row is None else "changed"
    if row is None:
        name = str(UUID(bytes=node.chance(16), version=4))
        row = SelectorRecord(
            id=name,
            selector_id=selector.id or 0,
            case_id=case.id if case else None,
            identity=identity,
            fingerprint=stamp,
            display_sealed=b"",
            fact_class="",
            created_at=node.now(),
        )
    elif row.state != "live":
        return "unchanged"  # withdrawn or erased: only a person brings it back
    row.fingerprint = stamp
    row.facts = facts
    row.fact_class = fact_class(facts)
    row.expires_on = facts.get("retention_until")
    row.source = f"{source}:{line.line}"
    row.display_sealed = node.vault.seal(
        session, f"selector_record/{row.id}/display", line.display.encode(), key
    )
    session.add(row)
    session.flush()
    if verdict == "changed":
        session.exec(delete(DataItemRow).where(col(DataItemRow.record_id) == row.id))
    for number, item in enumerate(line.items):
        _item(session, node, row, line, item, number, key)
    return verdict


def _item(
    session: Session,
    node: Node,
    row: SelectorRecord,
    line: SelectorLine,
    item: DataItem,
    number: int,
    key: str,
) -> None:
    stable = node.vault.digest("item", f"{row.id}\0{number}\0{item.category}\0{item.label}".encode())
    name = str(UUID(bytes=stable[:16], version=4))
    session.add(
        DataItemRow(
            id=name,
            record_id=row.id,
            category=item.category,
            label=item.label,
            value_sealed=node.vault.seal(session, f"data_item/{name}/value", item.value.encode(), key),
            facts=item_facts(item, line, node.settings.state),
        )
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


def _selector(session: Session, node: Node, kind: str, normal: str) -> Selector:
    digest = selector_digest(node, kind, normal)
    row = session.exec(select(Selector).where(Selector.digest == digest)).first()
    if row is None:
        where = f"selector/{digest.hex()}/normal"
        row = Selector(
            kind=kind, digest=digest, normal_sealed=node.vault.seal(session, where, normal.encode())
        )
        session.add(row)
        session.flush()
    return row


def selector_digest(node: Node, kind: str, normal: str) -> bytes:
    """The look-up key of a normal form in this node's store."""
    return node.vault.digest("selector", f"{kind}\0{normal}".encode())


def data_key(case_id: str | None) -> str:
    """The data key that seals what belongs to a case."""
    return f"case:{case_id}" if case_id else "node"
