"""Intake: a team's own case file becomes records, line by line.

Promised: bytes in, records and problems out, by the facts in the file alone (`now` is an argument). A file
is refused as a whole only when it is unusable; a malformed line costs itself; a line that lacks what the
law asks for is kept, for the gate to withhold with the article. No text of a problem repeats what a cell
holds. Left to others: the store, seals, ids, and the law. The format is described in docs/case-files.md.
"""

from .casefile import MAX_FILE, CaseFile, read_case_file
from .facts import (
    UNEVALUATED,
    CaseFacts,
    DataItem,
    Evaluation,
    Format,
    Intake,
    Problem,
    SelectorLine,
)
from .merging import fingerprint, identity

__all__ = [
    "MAX_FILE",
    "UNEVALUATED",
    "CaseFacts",
    "CaseFile",
    "DataItem",
    "Evaluation",
    "Format",
    "Intake",
    "Problem",
    "SelectorLine",
    "fingerprint",
    "identity",
    "read_case_file",
]
