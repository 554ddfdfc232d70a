"""docs/quickstart.md works as written: each command is typed, each output is what the page says."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.docs.terminals import Command, File, free_ports, missing, play, steps

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8")


def environment() -> dict[str, str]:
    """A reader's shell: our commands first in PATH, nobody's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{kept.get('PATH', '')}", "LC_ALL": "C.UTF-8"}


def with_free_ports(document: str) -> str:
    """The page with ports that are free on this machine, in place of the ones it prints."""
    fixed = sorted(set(re.findall(r"\b744\d\b", document)))
    free = dict(zip(fixed, map(str, free_ports(len(fixed))), strict=True))
    return re.sub(r"\b744\d\b", lambda port: free[port[0]], document)


@pytest.mark.system
def test_the_quick_start_does_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "quickstart"
    folder.mkdir()
    assert play(with_free_ports(DOCUMENT), folder, environment()) > 50


def test_the_quick_start_uses_each_part_of_a_real_team() -> None:
    typed = "\n".join(step.text for step in steps(DOCUMENT) if isinstance(step, Command))
    for part in ("init", "join", "serve", "import", "publish", "hits", "decide", "approve", "received"):
        assert f"comity-node {part}" in typed
    assert "comity-verify" in typed
    assert [step.name for step in steps(DOCUMENT) if isinstance(step, File)] == ["nl.csv", "it.csv"]


def test_an_expectation_that_is_not_met_is_noticed() -> None:
    shown = "hit   peer\nabcd  it    phone\n"
    assert missing(["hit peer", "abcd … phone"], shown) == []
    assert missing(["iban"], shown) == ["iban"]
    assert missing(["hit … phone"], shown) == ["hit … phone"]


def test_a_line_that_is_no_command_is_an_error() -> None:
    with pytest.raises(AssertionError, match="neither a command"):
        list(steps("```console\nnl$ true\nstray words\n```\n"))


def test_a_command_that_fails_stops_the_page(tmp_path: Path) -> None:
    page = "```console\nnl$ false\n```\n"
    with pytest.raises(AssertionError, match="exit 1"):
        play(page, tmp_path, environment())
    assert play("```console\nnl$ false\n# => exit 1\n```\n", tmp_path, environment()) == 1
