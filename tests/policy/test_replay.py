"""Replaying decisions by the law of their day, with copies of the law as they are kept."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from policy import PolicyError, decide, replay
from policy.archive import keep, locate, replay_under
from policy.cases import base
from policy.cli import main
from policy.codec import proposal_from
from policy.engine import law
from policy.explain import explanation
from policy.parameters import HERE
from policy.replay import changed_since


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The law as it might once have been: it refused this phone, and gave other answers less time."""
    folder = tmp_path_factory.mktemp("older")
    shutil.copytree(HERE, folder / "policy", ignore=shutil.ignore_patterns("__pycache__"))
    rule = folder / "policy" / "law" / "europol" / "handling_known.py"
    text = rule.read_text()
    assert 'item.handling in law.table("handling")' in text
    rule.write_text(text.replace('item.handling in law.table("handling")', 'item.handling == "H1"'))
    figures = folder / "policy" / "parameters" / "deadlines.toml"
    figures.write_text(figures.read_text().replace("days = 7", "days = 5"))
    return folder


def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(decide(proposal_from(base("request"))).to_dict()))
    return found


def test_a_kept_copy_of_todays_law_decides_as_today(tmp_path: Path) -> None:
    place = keep(tmp_path)
    assert place == tmp_path / law().version / "policy"
    assert keep(tmp_path) == place  # again is nothing new
    found = replay_under(stored(), tmp_path)
    assert (found.same, found.changed_rules, found.changed_figures) == (True, (), False)


def test_an_older_law_decides_otherwise_and_the_changed_rule_is_named(older: Path) -> None:
    found = replay_under(stored(), older)
    assert not found.same
    assert "items[phone].outcome: was 'PERMIT_OBL', is 'DENY'" in found.differences
    assert any(one.startswith("europol-handling-known: ") for one in found.changed_rules)
    assert any("deadline" in one for one in found.differences)


def test_a_decision_of_the_older_law_is_repeated_by_it_and_not_by_todays(older: Path) -> None:
    then = dict(replay_under(stored(), older).decision)
    assert replay_under(then, older).same
    today = replay(then)
    assert not today.same
    assert [one.partition(":")[0] for one in today.changed_rules] == ["europol-handling-known"]
    assert [one.partition(":")[0] for one in changed_since(then)] == ["europol-handling-known"]


def test_a_change_of_figures_alone_is_said(tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "policy", ignore=shutil.ignore_patterns("__pycache__"))
    figures = tmp_path / "policy" / "parameters" / "adequacy.toml"
    figures.write_text(figures.read_text().replace("2031-12-27", "2025-12-27"))
    found = replay_under(stored(), tmp_path)
    assert (found.same, found.changed_rules, found.changed_figures) == (True, (), True)


def test_the_copy_is_found_by_the_law_version_of_the_decision(older: Path, tmp_path: Path) -> None:
    keep(tmp_path)
    shutil.copytree(older / "policy", tmp_path / "policy")
    assert locate(tmp_path, law().version) == (tmp_path / law().version).resolve()
    assert locate(tmp_path, "unknown") == tmp_path.resolve()
    assert locate(tmp_path / "policy", "unknown") == tmp_path.resolve()


def test_a_folder_without_law_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no copy of the law") as caught:
        replay_under(stored(), tmp_path)
    assert caught.value.code == "not-found"


def test_a_law_that_cannot_judge_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "__init__.py").write_text("raise RuntimeError('broken')")
    with pytest.raises(PolicyError, match="cannot judge these facts: RuntimeError: broken"):
        replay_under(stored(), tmp_path)


def test_a_law_that_answers_nonsense_is_refused(tmp_path: Path) -> None:
    for name, text in (("__init__", ""), ("codec", "proposal_from = dict"), ("engine", ENGINE)):
        (tmp_path / "policy").mkdir(exist_ok=True)
        (tmp_path / "policy" / f"{name}.py").write_text(text)
    with pytest.raises(PolicyError, match="damaged"):
        replay_under(stored(), tmp_path)


ENGINE = """
class D:
    def to_dict(self): return {"route": "comity"}
def decide(facts): return D()
"""


@pytest.mark.parametrize("damage", [{"format": "other"}, {"facts": 7}])
def test_what_is_no_decision_is_not_replayed(damage: dict[str, Any], older: Path) -> None:
    with pytest.raises(PolicyError, match="not a stored decision"):
        replay_under({**stored(), **damage}, older)


def test_facts_that_nobody_stated_are_no_names_to_an_older_law(older: Path) -> None:
    newer = stored()
    newer["facts"]["a_fact_of_tomorrow"] = None
    assert replay_under(newer, older).decision["outcome"] == "DENY"
    newer["facts"]["a_fact_of_tomorrow"] = "stated"
    with pytest.raises(PolicyError, match="cannot judge"):
        replay_under(newer, older)


def test_an_explanation_is_replayed_as_the_decision_it_holds() -> None:
    assert replay(explanation(decide(proposal_from(base("request"))))).same


def test_the_command_replays_by_the_law_of_a_folder(
    older: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "decision.json"
    file.write_text(json.dumps(stored()))
    assert main(["replay", str(file), "--law", str(older)]) == 1
    assert "rule text changed: europol-handling-known" in capsys.readouterr().out
    file.write_text(json.dumps(replay_under(stored(), older).decision))
    assert main(["replay", str(file), "--law", str(older)]) == 0
    out = capsys.readouterr().out
    assert "changed since: europol-handling-known" in out
    assert out.endswith("same decision\n") or "same decision" in out
    assert main(["replay", str(file), "--law", str(older), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed_since"]


def test_the_command_keeps_a_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keep", str(tmp_path / "kept")]) == 0
    place = Path(capsys.readouterr().out.strip())
    assert (place / "__init__.py").is_file()
    assert not list(place.rglob("__pycache__"))
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert main(["keep", str(blocked)]) == 2
