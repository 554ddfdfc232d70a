"""Time and chance are arguments: pure code neither looks at a clock nor throws dice.

So a whole federation runs in one process under a seeded simulator, and any failure replays from its seed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import all_modules, inside, place, tree

FORBIDDEN = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "nacl.utils.random",
    "os.getrandom",
    "os.urandom",
    "uuid.uuid1",
    "uuid.uuid4",
}
FORBIDDEN_MODULES = {"time", "random", "secrets"}
PURE = ("comity", "policy", "node.flow")
# These two touch the world by design: connections have deadlines, and a command line has a user.
EXCEPT = ("comity.transport", "comity.verify")


def test_pure_code_calls_no_clock_and_no_source_of_chance() -> None:
    pure = [path for path in all_modules() if inside(path, *PURE) and not inside(path, *EXCEPT)]
    assert pure
    found = [f"{place(path, line)} calls {name}" for path in pure for line, name in calls(path)]
    assert found == []


def calls(path: Path) -> Iterator[tuple[int, str]]:
    yield from calls_in(tree(path))


def calls_in(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Calls of, and references to, forbidden names, whatever they were imported as."""
    meaning = dict(imported_names(module))
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute | ast.Name):
            name = resolve(node, meaning)
            if name in FORBIDDEN or (name.partition(".")[0] in FORBIDDEN_MODULES and "." in name):
                yield node.lineno, name


def imported_names(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def resolve(node: ast.expr, meaning: dict[str, str]) -> str:
    """The full name behind an expression such as `dt.now`, or nothing when it is not an imported name."""
    if isinstance(node, ast.Attribute):
        base = resolve(node.value, meaning)
        return f"{base}.{node.attr}" if base else ""
    return meaning.get(node.id, "") if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.time()",
        "from time import monotonic as clock\nclock()",
        "from datetime import datetime\ndatetime.now()",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from os import urandom\nurandom(16)",
        "import secrets\nsecrets.token_bytes(8)",
        "def draw(chance=__import__): ...\nfrom os import urandom\ndraw(chance=urandom)",
    ],
)
def test_a_clock_or_a_dice_is_noticed_under_any_name(source: str) -> None:
    assert list(calls_in(ast.parse(source)))


def test_a_clock_handed_in_is_no_clock() -> None:
    source = "from datetime import datetime\ndef expired(now: datetime) -> bool:\n    return now.year > 2030"
    assert list(calls_in(ast.parse(source))) == []
