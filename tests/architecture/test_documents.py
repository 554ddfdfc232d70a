"""The build proves the prose: links lead somewhere, indexes are complete, commands in the README exist."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, committed, read

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
THREAT = re.compile(r"^### T(\d\d) (.+)$", re.MULTILINE)
ADR_PARTS = ["Status", "Context", "Options", "Decision", "Consequences"]


def documents() -> list[Path]:
    return [path for path in committed() if path.suffix == ".md"]


def anchors(path: Path) -> set[str]:
    """The anchors that headings make, as code hosts write them."""
    heads = re.findall(r"^#{1,6} +(.+?) *$", FENCE.sub("", read(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower().replace("`", "")).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", documents(), ids=str)
def test_every_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    broken = []
    for match in LINK.finditer(FENCE.sub("", read(path))):
        target, _, anchor = (match[1] or match[2]).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        goal = (ROOT / path.parent / target).resolve() if target else ROOT / path
        if not goal.exists():
            broken.append(target)
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal.relative_to(ROOT)):
            broken.append(f"{target}#{anchor}")
    assert broken == []


def test_the_readme_is_at_most_150_lines() -> None:
    assert len(read(Path("README.md")).splitlines()) <= 150


def test_every_make_target_in_a_document_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", read(Path("Makefile")), re.MULTILINE))
    named = {
        (str(path), target)
        for path in documents()
        for target in re.findall(r"(?:`|^ {4}|^)make ([a-z][a-z-]*)", read(path), re.MULTILINE)
    }
    assert sorted(pair for pair in named if pair[1] not in targets) == []


def test_every_make_target_says_what_it_does() -> None:
    phony = re.findall(r"^\.PHONY: (\S+)$", read(Path("Makefile")), re.MULTILINE)
    told = re.findall(r"^([a-z-]+):.*## \S", read(Path("Makefile")), re.MULTILINE)
    assert phony == told


def test_every_command_in_the_readme_is_installed() -> None:
    scripts = tomllib.loads(read(Path("pyproject.toml")))["project"]["scripts"]
    named = set(re.findall(r"\b(comity(?:-[a-z]+)?) [a-z]", "\n".join(code_of(Path("README.md")))))
    assert named <= set(scripts)


def code_of(path: Path) -> list[str]:
    """The code spans and code blocks of a document."""
    text = read(path)
    fenced = [match[0] for match in FENCE.finditer(text)]
    spans = re.findall(r"`([^`\n]+)`", text)
    return [*fenced, *spans, *re.findall(r"^ {4}(.+)$", text, re.MULTILINE)]


def test_the_index_of_decisions_lists_each_one_with_its_title() -> None:
    index = read(Path("docs/adr/README.md"))
    listed = re.findall(r"\[(\d{4})\]\(([^)]+)\) \| ([^|]+?) \|", index)
    titles = [(path.name[:4], path.name, title_of(path)) for path in decisions()]
    assert listed == titles


def decisions() -> list[Path]:
    """The decision records, in the order of their numbers."""
    return sorted(path for path in documents() if path.match("docs/adr/[0-9]*.md"))


def title_of(path: Path) -> str:
    first = read(path).splitlines()[0]
    return re.sub(r"^# (\d{4}[.:]? *)?", "", first)


def test_every_decision_has_the_parts_of_a_decision() -> None:
    poor = {
        str(path): missing
        for path in decisions()
        if (missing := [part for part in ADR_PARTS if not has_part(read(path), part)])
    }
    assert poor == {}
    assert len({path.name[:4] for path in decisions()}) == len(decisions())


def has_part(text: str, part: str) -> bool:
    return re.search(rf"^(## .*\b{part}|\W*{part}:)", text, re.MULTILINE | re.IGNORECASE) is not None


def threats() -> list[tuple[str, str]]:
    """Number and title of every threat, in the order of the threat model."""
    return THREAT.findall(read(Path("docs/threat-model.md")))


def attack_file(number: str, title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", title.lower().replace("'", "")).strip("_")
    return f"tests/attacks/test_t{number}_{words}.py"


def test_threats_are_numbered_without_gaps() -> None:
    numbers = [int(number) for number, _ in threats()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_each_threat_names_its_own_attack_test() -> None:
    text = read(Path("docs/threat-model.md"))
    wanted = [attack_file(number, title) for number, title in threats()]
    assert re.findall(r"^Attack test: `([^`]+)`", text, re.MULTILINE) == wanted


def test_threats_and_attack_tests_are_one_to_one() -> None:
    wanted = {attack_file(number, title) for number, title in threats()}
    kept = {str(path) for path in committed() if path.match("tests/attacks/test_*.py")}
    assert {"without a test": wanted - kept, "without a threat": kept - wanted} == {
        "without a test": set(),
        "without a threat": set(),
    }


def test_the_changelog_knows_this_version_and_says_whom_a_change_concerns() -> None:
    version = tomllib.loads(read(Path("pyproject.toml")))["project"]["version"]
    text = read(Path("CHANGELOG.md"))
    heads = re.findall(r"^## \[([^\]]+)\]", text, re.MULTILINE)
    assert heads[0] == "Unreleased"
    assert version in heads
    entries = re.findall(r"^- (.+)$", text.partition("## [Unreleased]")[2], re.MULTILINE)
    assert entries
    assert [entry for entry in entries if not re.match(r"\*(protocol|law|program)\*", entry)] == []


def test_the_generated_parts_of_the_documents_are_current(tmp_path: Path) -> None:
    program = [sys.executable, str(ROOT / "scripts" / "generate_documents.py"), "--check"]
    answer = subprocess.run(program, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + "run `make documents`"
