"""Commands, options and help texts that the documents quote are those of the programs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from broker.cli.app import app as broker_app
from node.cli.comity import app as comity_app
from node.cli.node import app as node_app
from tests.docs.pages import ROOT, page

README = (ROOT / "README.md").read_text(encoding="utf-8")
OURS = ("operations.md", "handbook.md", "quickstart.md", "case-files.md", "protocol/broker.md")
PROGRAMS: dict[str, Any] = {
    "comity-node": typer.main.get_command(node_app),
    "comity-broker": typer.main.get_command(broker_app),
    "comity": typer.main.get_command(comity_app),
}
QUOTED = re.compile(r"^\| `([^`]+)` \| (.+) \|$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`|^```\w*[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"\b(comity(?:-node|-broker)?) ([a-z](?:(?!\$\()[^\n|;&)])*)")


def quoted() -> list[tuple[str, str]]:
    """The README's table of commands and what they say of themselves."""
    return QUOTED.findall(README.partition("<!-- help -->")[2].partition("<!-- end -->")[0])


@pytest.mark.system
@pytest.mark.parametrize(("command", "words"), quoted())
def test_a_command_of_the_readme_says_what_the_readme_says(command: str, words: str) -> None:
    program, *more = command.split()
    answer = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *more, "--help"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "400"},
        check=False,
    )
    assert answer.returncode == 0
    assert words in " ".join(answer.stdout.split())


def test_the_readme_quotes_five_commands() -> None:
    assert len(quoted()) == 5


def calls() -> list[tuple[str, str, str]]:
    """Document, program and arguments of every command in code."""
    found = []
    for name, text in [("README.md", README), *((name, page(name)) for name in OURS)]:
        for span, fence in CODE.findall(text):
            found += [(name, *call) for call in CALL.findall(span or fence.replace("\\\n", " "))]
    return found


def parsed(program: str, arguments: str) -> tuple[str, set[str], set[str]]:
    """The command that a line names, the options that it has, and those that the line uses."""
    command, path = PROGRAMS[program], [program]
    words = arguments.replace("…", "").split()
    while words and hasattr(command, "commands"):
        name = words.pop(0)
        if name not in command.commands:
            return f"{' '.join(path)} {name}: unknown", set(), set()
        command = command.commands[name]
        path.append(name)
    has = {option for each in command.params for option in each.opts} | {"--help"}
    return " ".join(path), has, set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", " ".join(words)))


def test_every_command_and_option_in_a_document_exists() -> None:
    wrong = []
    for name, program, arguments in calls():
        if program == "comity" and arguments.split()[0] == "demo":
            continue  # joins the program when it starts
        path, has, used = parsed(program, arguments)
        if path.endswith("unknown") or used - has:
            wrong.append((name, path, sorted(used - has)))
    assert wrong == []
    assert len(calls()) > 80


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert parsed("comity-node", "fly --high")[0].endswith("unknown")
    _, has, used = parsed("comity-node", "hits --altitude 3")
    assert used - has == {"--altitude"}


def test_every_line_of_the_quick_start_can_be_split_by_a_shell() -> None:
    for line in re.findall(r"^[a-z]+\$ (.+)$", page("quickstart.md"), re.MULTILINE):
        assert shlex.split(line)


def test_every_protocol_document_is_in_the_index() -> None:
    listed = set(re.findall(r"\]\(([a-z]+\.md)\)", page("protocol/README.md")))
    kept = {path.name for path in (ROOT / "docs" / "protocol").glob("*.md")} - {"README.md"}
    assert listed == kept


def test_the_handbook_cites_articles_that_the_law_cites() -> None:
    law = page("law.md")
    acts = set(re.findall(r"(\d{4}/\d+)", page("handbook.md")))
    assert acts
    assert {act for act in acts if act not in law} == set()
    roles = (ROOT / "policy" / "parameters" / "roles.toml").read_text(encoding="utf-8")
    assert {each for each in re.findall(r"R-[A-Z]+", page("handbook.md")) if each not in roles} == set()
