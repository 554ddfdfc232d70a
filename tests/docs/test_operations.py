"""docs/operations.md documents every setting with its default, every alarm, and commands that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from broker.settings import Settings as BrokerSettings
from node.ports.settings import Settings as NodeSettings
from tests.docs.pages import ROOT, page

PAGE = page("operations.md")
MODELS: dict[str, type[BaseModel]] = {"node": NodeSettings, "broker": BrokerSettings}


def rows(marker: str) -> list[list[str]]:
    """The cells of the table behind a marker, without its head."""
    part = PAGE.partition(f"<!-- {marker} -->\n")[2].partition("<!-- end -->")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines()[2:]]


def shown(field: FieldInfo) -> str:
    """A default as the page writes it."""
    if field.is_required():
        return "required"
    if field.default == "":
        return "empty"
    return f"`{field.default}`" if isinstance(field.default, str) else f"{field.default:g}"


@pytest.mark.parametrize("program", MODELS)
def test_every_setting_stands_in_its_order_with_its_default(program: str) -> None:
    fields = MODELS[program].model_fields
    wanted = [[f"`{name}`", shown(field)] for name, field in fields.items()]
    assert [row[:2] for row in rows(f"settings: {program}")] == wanted


@pytest.mark.parametrize("program", MODELS)
def test_every_setting_is_explained(program: str) -> None:
    assert [row[0] for row in rows(f"settings: {program}") if len(row[2]) < 10] == []


def test_a_setting_that_is_said_to_have_no_effect_is_read_nowhere() -> None:
    said = {row[0].strip("`") for row in rows("settings: node") if row[2].startswith("no effect")}
    read = {
        name
        for name in NodeSettings.model_fields
        for path in ROOT.glob("node/**/*.py")
        if re.search(rf"settings\.{name}\b", path.read_text(encoding="utf-8"))
    }
    assert said == set(NodeSettings.model_fields) - read


def raised() -> Iterator[tuple[str, str]]:
    """Code and level of every alarm that the node can raise."""
    for path in sorted(ROOT.glob("node/**/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
            for call in calls_in(function):
                level, code = call.args[2:4]
                assert isinstance(level, ast.Constant), f"{path.name}: a level that no reader can tell"
                for each in codes(code, function):
                    yield each, str(level.value)


def calls_in(function: ast.FunctionDef) -> Iterator[ast.Call]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "raise_alarm":
            yield call


def codes(code: ast.expr, function: ast.FunctionDef) -> list[str]:
    """The code itself, or for a variable the codes that the function compares it with."""
    if isinstance(code, ast.Constant):
        return [str(code.value)]
    compared = [
        each.comparators[0]
        for each in ast.walk(function)
        if isinstance(each, ast.Compare) and ast.unparse(each.left) == ast.unparse(code)
    ]
    found = [str(part) for each in compared for part in ast.literal_eval(each)]
    assert found, f"{function.name}: a code that no reader can tell"
    return found


def test_every_alarm_is_explained_with_its_level() -> None:
    told = {(row[0].strip("`"), row[1]) for row in rows("alarms")}
    assert told == set(raised())
    assert len(rows("alarms")) == len(told)


def test_every_alarm_says_what_to_do() -> None:
    assert [row[0] for row in rows("alarms") if len(row) != 4 or len(row[3]) < 10] == []


def test_the_broker_raises_no_alarm() -> None:
    assert [path for path in ROOT.glob("broker/**/*.py") if "alarm" in path.read_text(encoding="utf-8")] == []


def test_the_epoch_lives_as_long_as_the_page_says() -> None:
    from node.flow.publish import LIMIT
    from node.service.ceremony import EPOCH_DAYS

    assert f"| an epoch of keys | {EPOCH_DAYS} days |" in PAGE
    assert f"Keys live {EPOCH_DAYS} days" in PAGE
    assert f"| tokens in one feed entry | {LIMIT} and padding in all |" in PAGE


def test_the_backup_holds_the_parts_that_the_page_lists() -> None:
    from node.cli.commands.backup import PARTS

    table = PAGE.partition("| File | Is | Keep it |\n")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([\w./-]+)`", table.replace("`.pem`", "`keys/authority.pem`")))
    assert set(PARTS) <= named
    assert "offline/root.key" not in PARTS
    assert Path("offline/root.key").as_posix() in named
