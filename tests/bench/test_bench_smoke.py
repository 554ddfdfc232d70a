"""The measurements run at tiny sizes, and their report has the form that documents and machines rely on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench.report import BEGIN, END, Figure, Report, Section, machine, write_document, write_json

TINY = bench.Sizes(batch=20, batches=1, rounds=1, whole=40, feed=120, requests=2, seconds=0.1)
WANTED = {
    "decisions": {"decisions"},
    "pseudonyms": {"answerer", "asker", "wire", "shares"},
    "feeds": {"feeds"},
    "roundtrip": {"roundtrip"},
}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measured nodes are processes of their own and have to find this checkout."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "proto")]))


@pytest.mark.system
@pytest.mark.parametrize("part", WANTED)
@pytest.mark.usefixtures("importable")
def test_every_part_runs_and_gives_positive_figures(part: str) -> None:
    report = bench.run(TINY, [part], quick=True)
    assert {section.name for section in report.sections} == WANTED[part]
    for section in report.sections:
        names = [figure.name for figure in section.figures]
        assert len(names) == len(set(names))
    values = {figure.name: figure.value for section in report.sections for figure in section.figures}
    derived = {"everything else", "gRPC, TLS and idle workers, of its time"}  # differences: noise may win
    assert {name: value for name, value in values.items() if value <= 0 and name not in derived} == {}
    assert isinstance(report.to_dict()["sections"][0]["figures"][0]["met"], bool | None)


def test_the_parts_are_those_that_the_command_offers() -> None:
    assert set(WANTED) == set(bench.PARTS)


REPORT = Report(
    machine={"processor": "one", "system": "any"},
    made_at="2026-11-21T12:00:00+00:00",
    quick=False,
    seconds=61.2,
    sections=(
        Section(
            "speed",
            "How fast",
            (
                Figure("met", 90.0, "%", 85, "at least"),
                Figure("missed", 7.25, "raw", 6.5, "at most"),
                Figure("told only", 12345.6, ""),
            ),
        ),
    ),
)


def test_a_figure_says_whether_it_meets_its_target() -> None:
    assert [figure.met for figure in REPORT.sections[0].figures] == [True, False, None]


def test_the_table_for_people_names_what_falls_short() -> None:
    lines = REPORT.to_text().splitlines()
    assert lines[0] == "How fast"
    assert lines[2].split() == ["missed", "7.25", "raw", "at", "most", "6.5:", "NOT", "MET"]
    assert lines[3].endswith("12,346")


def test_the_report_for_machines_has_its_form(tmp_path: Path) -> None:
    write_json(REPORT, tmp_path / "deep" / "bench.json")
    data = json.loads((tmp_path / "deep" / "bench.json").read_text())
    assert set(data) == {"machine", "made_at", "quick", "seconds", "sections"}
    assert data["sections"][0]["figures"][1] == {
        "name": "missed",
        "value": 7.25,
        "unit": "raw",
        "target": 6.5,
        "sense": "at most",
        "met": False,
    }


def test_the_document_is_rewritten_between_its_markers_only(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text(f"before\n{BEGIN}\nearlier figures\n{END}\nafter\n")
    write_document(REPORT, path)
    write_document(REPORT, path)
    text = path.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "earlier figures" not in text
    assert text.count("### How fast") == 1
    assert "| missed | 7.25 raw | at most 6.5: NOT MET |" in text


def test_a_document_without_markers_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text("nothing to see")
    with pytest.raises(ValueError, match="no markers"):
        write_document(REPORT, path)
    assert path.read_text() == "nothing to see"


def test_the_projects_own_document_has_the_markers() -> None:
    text = bench.DOCUMENT.read_text(encoding="utf-8")
    assert text.count(BEGIN) == 1
    assert text.index(BEGIN) < text.index(END)


def test_the_machine_is_described_without_its_name_or_its_paths() -> None:
    told = machine()
    assert {"processor", "memory", "system", "Python", "packages"} <= set(told)
    assert not any(os.uname().nodename in value for value in told.values())
