"""What the linter says, and where."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from policy.parameters import HERE


class Remark(NamedTuple):
    """One thing the linter has to say."""

    level: str  # "error" or "warning"
    code: str  # "LINT-1" .. "LINT-3", or the word of the check
    where: str  # file, and line where it is known
    sentence: str


def error(code: str, where: str, sentence: str) -> Remark:
    """Something that must be repaired."""
    return Remark("error", code, where, sentence)


def warning(code: str, where: str, sentence: str) -> Remark:
    """Something that somebody should know."""
    return Remark("warning", code, where, sentence)


def short(path: Path) -> str:
    """A path as seen from the folder of the package."""
    return str(path.relative_to(HERE.parent)) if path.is_relative_to(HERE.parent) else str(path)
