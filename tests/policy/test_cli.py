"""The command line: exit codes, data, and no traceback on bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from policy import decide
from policy.cases import base, change
from policy.cli import main
from policy.codec import proposal_from, proposal_to
from policy.index import index
from policy.lint import lint

ROOT = Path(__file__).parents[2]


def written(folder: Path, name: str, **given: object) -> str:
    path = folder / "facts.json"
    path.write_text(json.dumps(proposal_to(proposal_from(change(base(name), given)))))
    return str(path)


def test_explain_says_why_and_exits_by_outcome(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", written(tmp_path, "request")]) == 0
    assert "Item phone may be done, with obligations." in capsys.readouterr().out
    assert main(["explain", written(tmp_path, "ngo")]) == 1
    assert "Way out:" in capsys.readouterr().out
    assert main(["explain", written(tmp_path, "request", **{"item.needs_judicial": True})]) == 3


def test_a_decision_as_data_can_be_replayed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--json", written(tmp_path, "request")]) == 0
    stored = tmp_path / "decision.json"
    stored.write_text(capsys.readouterr().out)
    assert main(["replay", str(stored)]) == 0
    assert "same decision" in capsys.readouterr().out
    stored.write_text(stored.read_text().replace('"outcome": "PERMIT_OBL"', '"outcome": "DENY"'))
    assert main(["replay", str(stored), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["same"] is False


def test_an_explanation_as_data_says_what_leaves_and_holds_the_decision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "--json", written(tmp_path, "request")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "comity-explanation-1"
    assert [one["item"] for one in found["leaves"]] == ["phone"]
    assert found["decision"]["format"] == "comity-decision-1"


def test_a_decision_of_the_node_is_replayed_as_it_is(tmp_path: Path) -> None:
    stored = tmp_path / "decision.json"
    stored.write_text(json.dumps(decide(proposal_from(base("request"))).to_dict()))
    assert main(["replay", str(stored)]) == 0


def test_facts_are_read_from_toml_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "facts.toml"
    path.write_text(
        'action = "evaluate"\nnow = 2026-11-23T09:00:00Z\nprovider.team = "nl"\nrequester.team = "it"\n'
    )
    assert main(["explain", str(path)]) == 1
    assert "Missing: case_reference; R-CO of it can supply it" in capsys.readouterr().out


BAD = {
    "no such file": None,
    "not JSON": "{",
    "no table": "[]",
    "unknown fact": '{"colour": "red"}',
    "nothing": "{}",
    "bytes": "\x00",
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("command", ["explain", "replay"])
def test_bad_input_is_one_clear_line(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "facts.json"
    if BAD[name] is not None:
        path.write_text(str(BAD[name]))
    assert main([command, str(path)]) == 2
    assert capsys.readouterr().err.startswith("comity-policy: ")


def test_cases_runs_one_table_and_tells_what_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.toml"
    table.write_text('[[case]]\nname = "It is denied"\nexpect = { outcome = "DENY" }\n')
    assert main(["cases", str(table)]) == 1
    assert "FAILED" in capsys.readouterr().out
    table.write_text('[[case]]\nname = "It is permitted"\nexpect = { outcome = "PERMIT_OBL" }\n')
    assert main(["cases", str(table), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "case = 7",
        "case = [1]",
        '[[case]]\nname = "x"',
        '[[case]]\nname = "x"\nwant = 1\nexpect = {}',
        '[[case]]\nname = "x"\nbase = "none"\nexpect = { outcome = "DENY" }',
        '[[case]]\nname = "x"\nwith = { "case_reference.x.y" = 1 }\nexpect = { outcome = "DENY" }',
        "[[case",
    ],
)
def test_a_malformed_table_is_one_clear_line(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.toml"
    table.write_text(text)
    assert main(["cases", str(table)]) == 2
    assert capsys.readouterr().err.startswith("comity-policy: ")


def test_an_empty_run_of_cases_is_no_success(tmp_path: Path) -> None:
    table = tmp_path / "empty.toml"
    table.write_text("")
    assert main(["cases", str(table)]) == 1


def test_the_law_has_no_lint_errors() -> None:
    assert [one for one in lint() if one.level == "error"] == []


def test_lint_tells_the_void_provision_of_the_exercise_module(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint"]) == 0
    assert "LINT-2 policy/law/national/exercise/module.toml:" in capsys.readouterr().out


def test_lint_looks_at_one_module_wherever_it_lies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "de" / "module.toml"
    place.parent.mkdir()
    template = (ROOT / "policy/law/national/template/module.toml").read_text(encoding="utf-8")
    place.write_text(template)
    assert main(["lint", str(place.parent)]) == 0
    assert "0 errors, 1 warnings" in capsys.readouterr().out
    place.write_text(template.replace("[office]", "[offices]"))
    assert main(["lint", str(place), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["remarks"]
    assert any("offices: There is no such word here." in one["sentence"] for one in found)
    assert main(["lint", str(tmp_path)]) == 2


def test_the_index_of_the_law_is_what_the_rules_say() -> None:
    assert (ROOT / "docs" / "law.md").read_text(encoding="utf-8") == index()


def test_the_index_is_written_where_it_is_told(tmp_path: Path) -> None:
    assert main(["index", "-o", str(tmp_path / "law.md")]) == 0
    assert (tmp_path / "law.md").read_text(encoding="utf-8") == index()
    assert main(["index", "-o", str(tmp_path / "no" / "law.md")]) == 2


def test_the_module_runs_by_itself_and_helps_with_an_example() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "policy.cli", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "comity-policy explain facts.toml" in run.stdout


def test_judging_needs_the_standard_library_only() -> None:
    code = "import sys, policy; policy.law(); print(*sorted({m.split('.')[0] for m in sys.modules}))"
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(run.stdout.split()) - set(sys.stdlib_module_names) == {"policy", "__main__"}


def test_every_decision_of_a_base_is_made_without_alarm() -> None:
    for name in ("request", "publish", "notify", "evaluate", "share_jit", "lead", "referral"):
        assert decide(proposal_from(base(name))).alarms == ()
