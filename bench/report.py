"""Figures with their targets, as a table for people, as JSON, and as the generated part of a document.

The rules: a figure that has a target says whether it meets it; a report names the machine that it was made
on; only a complete run rewrites docs/performance.md, between its two markers.
"""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

BEGIN = "<!-- figures: written by `make bench` -->"
END = "<!-- end of figures -->"
PACKAGES = ("cryptography", "grpcio", "numpy", "protobuf", "rbcl", "sqlalchemy")


@dataclass(frozen=True)
class Figure:
    """One measured number. `sense` says on which side of the target it should be."""

    name: str
    value: float
    unit: str
    target: float | None = None
    sense: Literal["at least", "at most", ""] = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.sense == "at least" else self.value <= self.target

    @property
    def cells(self) -> tuple[str, str, str]:
        """Name, value with unit, target with verdict."""
        goal = ""
        if self.target is not None:
            goal = f"{self.sense} {_number(self.target)}: {'met' if self.met else 'NOT MET'}"
        return self.name, f"{_number(self.value)} {self.unit}".strip(), goal


@dataclass(frozen=True)
class Section:
    """Figures that belong together."""

    name: str
    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Report:
    """One run."""

    machine: dict[str, str]
    made_at: str
    quick: bool
    seconds: float
    sections: tuple[Section, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON data; each figure says whether it met its target."""
        data = asdict(self)
        for section, written in zip(self.sections, data["sections"], strict=True):
            for figure, row in zip(section.figures, written["figures"], strict=True):
                row["met"] = figure.met
        return data

    def to_text(self) -> str:
        """As a table for a terminal."""
        lines: list[str] = []
        for section in self.sections:
            rows = [figure.cells for figure in section.figures]
            widths = [max(len(row[place]) for row in rows) for place in (0, 1)]
            lines += ["", section.title]
            lines += [f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c}".rstrip() for a, b, c in rows]
        return "\n".join(lines[1:])

    def to_markdown(self) -> str:
        """As the generated part of docs/performance.md."""
        lines = [f"Measured on {self.made_at[:10]}, in {self.seconds:.0f} seconds, on this machine:", ""]
        lines += _table(("Machine", ""), self.machine.items())
        for section in self.sections:
            rows = [figure.cells for figure in section.figures]
            lines += ["", f"### {section.title}", "", *_table(("Figure", "Measured", "Target"), rows)]
        return "\n".join(lines)


def machine() -> dict[str, str]:
    """What a reader needs to place the figures."""
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    load = ", ".join(f"{each:.2f}" for each in os.getloadavg())
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "SQLite": sqlite3.sqlite_version,
        "packages": packages,
        "load before (1, 5, 15 minutes)": load,
    }


def write_json(report: Report, path: Path) -> None:
    """Writes the report for machines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report.to_dict(), indent=2) + "\n", encoding="utf-8")


def write_document(report: Report, path: Path) -> None:
    """Replaces what stands between the markers. ValueError when there are none."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no markers for the figures")
    text = f"{before}{begin}\n\n{report.to_markdown()}\n\n{end}{after}"
    path.write_text(text, encoding="utf-8")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value == int(value) or value >= 100 else f"{value:.3g}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
