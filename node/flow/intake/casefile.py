"""A case file, read: bytes in, records and problems out.

The recipe:
1. the file's size and the ending of its name decide whether and how it is read;
2. the file is opened: encoding, header, case facts; here alone it can be refused as a whole (Malformed),
   also when a fact that would hold for every line cannot be read, since leaving it out could loosen a rule;
3. each line becomes a `SelectorLine` or problems (`lines`);
4. lines that repeat a selector of the same case are merged, the careful value winning (`merging`);
5. the facts of each case are gathered from the header and from its lines.

`CaseFile` does 1-3 and 5 in the memory of one line (JSON: of the file); `read_case_file` does all, in
memory of the records. Left to the caller: sealing, ids, the store, and asking the gate about every record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from comity.errors import Malformed

from .codes import Unreadable, state
from .columns import field_name
from .document import Document
from .facts import CaseFacts, Intake, Problem, SelectorLine
from .lines import OF_THE_CASE, LineReader
from .merging import identity, merge
from .raw import Source
from .table import Table, clean_or_refuse

MAX_FILE = 64 << 20  # bytes

_TABLES = (".csv", ".tsv", ".txt")
_DOCUMENTS = (".json",)
_CASE_FIELDS = ("title", "offence", "legal_basis", "crime_area", "max_penalty_years", "officer")


class CaseFile:
    """A case file being read. Iterate once; `cases` and `lines_read` are complete afterwards.

    Args:
        name: the file's name; its ending decides the format, and problems carry it.
        data: the file's bytes.
        now: the time of intake, aware; dates far from it are slips.
        team_state: ISO 3166-1 alpha-2 code of the team: its notation is read, its code page tried first.
        defaults: facts for lines that do not state them, by field name or heading, as texts.

    Raises:
        Malformed: the file as a whole is unusable; field and remedy say why.
    """

    def __init__(
        self,
        name: str,
        data: bytes,
        *,
        now: datetime,
        team_state: str,
        defaults: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.lines_read = name, 0
        self.cases: dict[str, CaseFacts] = {}
        home, today = _home(team_state), now.date()
        self.home = home
        self._reader = LineReader(name, team_state=home, today=today)
        self._source = _open(name, data, home, _named(defaults or {}), today)
        self.format = self._source.format
        for given in self._source.given:
            self._collect(self._reader.facts(given))

    def __iter__(self) -> Iterator[SelectorLine | Problem]:
        for raw in self._source:
            if isinstance(raw, Problem):
                self.lines_read += raw.dropped == "line"
                yield raw
                continue
            self.lines_read += 1
            line, facts, problems = self._reader.read(raw)
            yield from problems
            if line is not None:
                self._collect(facts)
                yield line

    def _collect(self, facts: Mapping[str, Any]) -> None:
        """Adds to a case what its lines say; the first statement stands, forms of exploitation add up."""
        reference = facts.get("case_reference")
        if reference is None:
            return
        case = self.cases.get(reference) or CaseFacts(reference)
        news = {name: facts[name] for name in _CASE_FIELDS if name in facts and getattr(case, name) is None}
        forms = tuple(sorted({*case.exploitation, *facts.get("exploitation", ())}))
        if news or forms != case.exploitation or reference not in self.cases:
            self.cases[reference] = replace(case, exploitation=forms, **news)


def read_case_file(
    name: str,
    data: bytes,
    *,
    now: datetime,
    team_state: str,
    defaults: Mapping[str, str] | None = None,
) -> Intake:
    """Reads a whole case file; arguments and errors are those of `CaseFile`."""
    file = CaseFile(name, data, now=now, team_state=team_state, defaults=defaults)
    records: list[SelectorLine] = []
    problems: list[Problem] = []
    places: dict[bytes, int] = {}
    for found in file:
        if isinstance(found, Problem):
            problems.append(found)
            continue
        place = places.setdefault(identity(found), len(records))
        if place == len(records):
            records.append(found)
        else:
            records[place], differing = merge(records[place], found, home=file.home)
            problems.append(_merged(name, found.line, records[place].line, differing))
    return Intake(name, records, problems, list(file.cases.values()), file.format, file.lines_read)


def _merged(name: str, line: int, first: int, differing: tuple[str, ...]) -> Problem:
    if not differing:
        message = f"The selector is also on line {first}, in the same case; the two were merged."
        return Problem(name, line, "value", "duplicate", message, "Delete one of the lines.", "nothing")
    message = (
        f"The selector is also on line {first}, where the fields named differ; the careful value stands."
    )
    remedy = "Correct the lines, or delete one of them."
    return Problem(name, line, ", ".join(differing), "contradiction", message, remedy, "nothing")


def _open(name: str, data: bytes, home: str, defaults: Mapping[str, str], today: date) -> Source:
    if len(data) > MAX_FILE:
        remedy = "Split it into smaller files."
        raise Malformed(
            f"The file is larger than {MAX_FILE >> 20} MiB.", code="too-large", field="file", remedy=remedy
        )
    ending = name.lower()
    if ending.endswith(_TABLES):
        return Table(name, data, team_state=home, defaults=defaults, today=today)
    if ending.endswith(_DOCUMENTS):
        return Document(name, data, team_state=home, defaults=defaults, today=today)
    known = ", ".join((*_TABLES, *_DOCUMENTS))
    raise Malformed(
        "Files with this ending are not read.",
        code="unknown-format",
        field="file",
        remedy=f"Save it as {known}.",
    )


def _home(team_state: str) -> str:
    try:
        return state(team_state)
    except Unreadable as reason:
        raise Malformed(reason.message, code=reason.code, field="team_state", remedy=reason.remedy) from None


def _named(defaults: Mapping[str, str]) -> dict[str, str]:
    """The defaults by field name. An unknown name is refused: it was meant to say something."""
    named: dict[str, str] = {}
    for heading, text in defaults.items():
        name = field_name(heading)
        if name is None or name == "value" or name in OF_THE_CASE - {"officer", "max_penalty_years"}:
            remedy = "See docs/case-files.md for the names."
            raise Malformed(
                "A default has no known name.", code="unknown-default", field="defaults", remedy=remedy
            )
        if cleaned := clean_or_refuse(text, name):
            named[name] = cleaned
    return named
