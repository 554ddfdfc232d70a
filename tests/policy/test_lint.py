"""The linter, shown one bad rule, module or registry at a time."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from policy import Rule, rules
from policy.cases import all_cases, load
from policy.lint import lint
from policy.lint_data import module, modules, registries
from policy.lint_law import answers, declared
from policy.lint_source import check
from policy.parameters import HERE, NATIONAL
from policy.remarks import Remark

HEAD = """\
from datetime import date
from policy.facts import Action, Item, Proposal
from policy.findings import Finding, approve, ask, deny, duty, note, oblige, permit
from policy.parameters import Parameters
from policy.rules import rule

@rule(id="{id}", cites="{cites}", in_force=date({since}), applies={{Action.DISCLOSE}}{more})
def body(facts: Proposal, item: Item, law: Parameters) -> Finding | None:
    {sentence}
"""
TABLE = '[[case]]\nname = "It speaks"\nexpect = { outcome = "DENY" }\n'


def written(
    folder: Path,
    body: str,
    *,
    name: str = "new-rule",
    cites: str = "Act, Article 1",
    since: str = "2020, 1, 1",
    more: str = "",
    sentence: str = '"""It says something."""',
    table: str | None = TABLE,
) -> Rule:
    """A rule as a lawyer would write it, in a file of its own, loaded."""
    head = HEAD.format(id=name, cites=cites, since=since, more=more, sentence=sentence)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace('-', '_')}.py"
    path.write_text(head + "\n".join(f"    {line}" for line in dedent(body).strip().splitlines()) + "\n")
    if table is not None:
        path.with_suffix(".toml").write_text(table)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    found = loaded.body
    assert isinstance(found, Rule)
    return found


def heard(one: Rule) -> list[Remark]:
    """What the linter says of a new rule among the others."""
    table = Path(one.body.__code__.co_filename).with_suffix(".toml")
    book = [*rules(), one]
    remarks = [*declared([one]), *answers(book, [*SOME, *load(table)])]
    return [each for each in remarks if one.id in each.sentence]


SOME = all_cases()[::6]
"""Enough of the package's own cases to meet other rules in; the whole law is linted in one test below."""


def codes(remarks: list[Remark]) -> set[str]:
    return {one.code for one in remarks if one.level == "error"}


def test_the_law_of_the_package_has_no_errors() -> None:
    assert [one for one in lint() if one.level == "error"] == []


def test_a_good_rule_raises_no_error(tmp_path: Path) -> None:
    body = 'return deny("6.1.e", "Faded.", "Look again.") if item.kind == "tattoo" else None'
    table = TABLE.replace("expect", 'with = { "item.kind" = "tattoo", "item.category" = "2(b)(ii)" }\nexpect')
    assert codes(heard(written(tmp_path, body, table=table))) == set()


AT_HOME = "facts.requester.state == facts.provider.state"


def test_lint_1_a_condition_that_only_other_states_recipients_meet(tmp_path: Path) -> None:
    body = f'return None if {AT_HOME} else oblige("Only here.", duty("only-here", "Keep it here."))'
    one = written(tmp_path / "national" / "de", "if facts.national != 'de':\n    return None\n" + body)
    assert "LINT-1" in codes(heard(one))


def test_lint_1_covers_denials_and_asks_too(tmp_path: Path) -> None:
    denies = f'return None if {AT_HOME} else deny("6.1.e", "Foreign.", "Ask at home.")'
    assert "LINT-1" in codes(heard(written(tmp_path / "national", denies, name="denies-abroad")))
    asks = f'return None if {AT_HOME} else ask("Why?", "request.link")'
    assert "LINT-1" in codes(heard(written(tmp_path / "national", asks, name="asks-abroad")))


def test_lint_2_a_judge_that_only_foreign_requests_meet(tmp_path: Path) -> None:
    body = f'return None if {AT_HOME} else approve("R-JUD", "A judge.", "Apply.")'
    found = codes(heard(written(tmp_path / "national", body)))
    assert "LINT-2" in found
    assert "LINT-1" not in found


def test_a_national_rule_that_is_the_same_at_home_raises_neither(tmp_path: Path) -> None:
    one = written(tmp_path / "national", 'return approve("R-JUD", "A judge.", "Apply.")')
    assert codes(heard(one)) & {"LINT-1", "LINT-2"} == set()


def test_lint_3_a_denial_without_a_listed_ground(tmp_path: Path) -> None:
    computed = 'code = "my-" + "ground"\nreturn deny(code, "No.", "Never.")'
    assert "LINT-3" in codes(heard(written(tmp_path, computed)))


def source(tmp_path: Path, text: str) -> list[Remark]:
    path = tmp_path / "text.py"
    path.write_text(text)
    return list(check(path, "text.py"))


@pytest.mark.parametrize(
    "text",
    [
        'from policy.findings import deny\ndeny("data-protection", "No.", "Never.")',
        'from policy.findings import deny as refuse\nrefuse("gdpr", "No.", "Never.")',
        'from policy import findings\nfindings.deny("privacy", "No.", "Never.")',
        'from policy.findings import deny\ndeny(code="my-own", sentence="No.", way_out="Never.")',
        'from policy.findings import ask\nask("What?", "hit", code="my-own")',
        'from policy.findings import approve\napprove("R-LO", "Well.", code="data-protection")',
    ],
)
def test_lint_3_reads_the_grounds_that_a_rule_writes_down_under_whatever_name(
    tmp_path: Path, text: str
) -> None:
    (remark,) = [one for one in source(tmp_path, text) if one.code == "LINT-3"]
    assert remark.where == "text.py:2"


OTHER_SOURCES = {
    "a role that may not approve": ('from policy.findings import approve\napprove("R-DPO", "Well.")', "role"),
    "a finding made by hand": ("from policy.findings import Finding\nFinding()", "finding"),
    "a loop that may not end": ("while True:\n    pass", "total"),
    "a caught failure": ("try:\n    pass\nexcept Exception:\n    pass", "total"),
    "recursion": ("def f():\n    return f()", "total"),
    "mutual recursion": ("def f():\n    return g()\ndef g():\n    return f()", "total"),
    "an endless iterator": ("import itertools\nitertools.count()", "total"),
    "an endless call": ("iter(int, 1)", "total"),
    "a network": ("import socket", "pure"),
    "chance": ("from random import random", "pure"),
    "a file": ('open("x")', "pure"),
    "a clock": ("from datetime import datetime\ndatetime.now()", "pure"),
    "no Python": ("def", "syntax"),
}


@pytest.mark.parametrize("name", OTHER_SOURCES)
def test_what_a_rule_may_not_contain(tmp_path: Path, name: str) -> None:
    text, code = OTHER_SOURCES[name]
    assert code in {one.code for one in source(tmp_path, text)}


NOTHING_SAID = "return None"
DENIES = 'return deny("6.1.e", "No.", "Repair it.")'


def declared_codes(tmp_path: Path, **how: str | None) -> set[str]:
    remarks = list(declared([written(tmp_path, DENIES, **how)]))  # type: ignore[arg-type]
    return {one.code for one in remarks}


def test_a_rule_without_citation_sentence_table_or_sound_days(tmp_path: Path) -> None:
    assert "citation" in declared_codes(tmp_path, cites="")
    assert "sentence" in declared_codes(tmp_path, sentence="")
    assert "table" in declared_codes(tmp_path / "bare", table=None)
    assert "dates" in declared_codes(tmp_path, more=", until=date(2019, 1, 1)")


def test_a_rule_without_a_first_day(tmp_path: Path) -> None:
    one = written(tmp_path, DENIES, since="2020, 1, 1) and str(1")
    assert "dates" in {each.code for each in declared([one])}


@pytest.mark.parametrize("how", [{"more": ", verified=False"}, {"cites": "Act, Article 1 (verify)"}])
def test_a_citation_that_is_not_verified_is_a_warning(tmp_path: Path, how: dict[str, str]) -> None:
    (remark,) = declared([written(tmp_path, DENIES, **how)])
    assert (remark.level, remark.code) == ("warning", "verify")


def unreachable(one: Rule) -> str:
    return next(each.sentence for each in heard(one) if each.code == "unreachable")


def test_a_rule_that_no_case_of_its_table_reaches(tmp_path: Path) -> None:
    assert "no case of its table makes it speak" in unreachable(written(tmp_path, NOTHING_SAID))


def test_a_rule_whose_days_are_over_before_its_cases(tmp_path: Path) -> None:
    one = written(tmp_path, DENIES, more=", until=date(2021, 1, 1)")
    assert "falls on a day on which it is in force" in unreachable(one)


def test_a_rule_whose_cases_are_about_another_action(tmp_path: Path) -> None:
    one = written(tmp_path, DENIES, table=TABLE.replace("expect", 'base = "publish"\nexpect'))
    assert "about an action that it applies to" in unreachable(one)


def test_a_table_without_a_case(tmp_path: Path) -> None:
    assert "table" in codes(heard(written(tmp_path, DENIES, table="")))


PERMITS = 'return permit("It may.") if item.kind == "phone" else None'


def test_two_rules_contradict_when_no_table_shows_that_the_denial_is_meant(tmp_path: Path) -> None:
    yes = written(tmp_path, PERMITS, name="yes-rule", table=TABLE.replace("DENY", "PERMIT_OBL"))
    silent = TABLE.replace("expect", 'with = { "item.kind" = "iban", "item.category" = "2(e)(i)" }\nexpect')
    no = written(tmp_path, DENIES, name="no-rule", table=silent)
    cases = [case for one in (yes, no) for case in load(tmp_path / f"{one.id.replace('-', '_')}.toml")]
    found = [one for one in answers([*rules(), yes, no], cases) if one.code == "contradiction"]
    assert [one.sentence.startswith("no-rule denies what yes-rule permits") for one in found] == [True]


def test_a_denial_that_its_table_shows_against_the_permit_is_meant(tmp_path: Path) -> None:
    yes = written(tmp_path, PERMITS, name="yes-rule", table=TABLE.replace("DENY", "PERMIT_OBL"))
    no = written(tmp_path, DENIES, name="no-rule")
    cases = [case for one in (yes, no) for case in load(tmp_path / f"{one.id.replace('-', '_')}.toml")]
    found = [one for one in answers([yes, no], cases) if "no-rule denies what" in one.sentence]
    assert found == []


def test_two_tables_that_expect_different_things_of_the_same_facts_contradict(tmp_path: Path) -> None:
    one = written(tmp_path, DENIES)
    table = tmp_path / "other.toml"
    table.write_text(TABLE.replace("DENY", "PERMIT_OBL"))
    cases = [*load(tmp_path / "new_rule.toml"), *load(table)]
    assert "contradiction" in codes(
        [each for each in answers([*rules(), one], cases) if "expects" in each.sentence]
    )


def test_a_national_rule_that_speaks_for_another_member(tmp_path: Path) -> None:
    one = written(tmp_path / "national" / "de", DENIES)
    assert "national-scope" in codes(heard(one))
    quiet = written(tmp_path / "national" / "de", f'if facts.national != "de":\n    return None\n{DENIES}')
    assert "national-scope" not in codes(heard(quiet))


def test_two_rules_in_one_file(tmp_path: Path) -> None:
    one = written(tmp_path, DENIES)
    assert "one-rule" in {each.code for each in declared([one, one])}


def test_a_case_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    one = written(
        tmp_path,
        DENIES,
        table=TABLE
        + '\n[[case]]\nname = "Odd"\nwith = { "item.child" = "old" }\nexpect = { outcome = "DENY" }\n',
    )
    cases = load(tmp_path / "new_rule.toml")
    assert any("Odd" in each.sentence for each in answers([one], cases))


# Modules and registries.

MODULE = (NATIONAL / "template" / "module.toml").read_text(encoding="utf-8")


def said(tmp_path: Path, change: Callable[[str], str], name: str = "de") -> list[Remark]:
    place = tmp_path / name
    place.mkdir()
    (place / "module.toml").write_text(change(MODULE))
    return list(module(place / "module.toml"))


def test_a_provision_that_demands_a_judge_of_foreign_requests_only_is_lint_2(tmp_path: Path) -> None:
    found = said(tmp_path, lambda text: text.replace('\nscope = "alike"', '\nscope = "foreign_only"', 1))
    (remark,) = [one for one in found if one.level == "error"]
    assert remark.code == "LINT-2"
    line = int(remark.where.rpartition(":")[2])
    text = (tmp_path / "de" / "module.toml").read_text()
    assert text.splitlines()[line - 1] == 'scope = "foreign_only"'


def test_a_condition_for_other_states_recipients_only_is_lint_1(tmp_path: Path) -> None:
    def change(text: str) -> str:
        head, _, tail = text.rpartition('\nscope = "alike"')
        return f'{head}\nscope = "foreign_only"{tail}'

    assert codes(said(tmp_path, change)) == {"LINT-1"}


def test_a_mistake_in_a_module_is_named_with_line_and_field(tmp_path: Path) -> None:
    (remark,) = said(tmp_path, lambda text: text.replace("token_days", "token_weeks"))
    assert remark.code == "national"
    assert "retention.token_weeks: There is no such word here." in remark.sentence
    assert remark.where.rpartition(":")[2].isdigit()


def test_a_module_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    (remark,) = said(tmp_path, lambda text: text.replace("[refusal]", "[refusal"))
    assert "This is not TOML" in remark.sentence


def test_a_role_that_may_not_approve_signs_no_release(tmp_path: Path) -> None:
    found = said(tmp_path, lambda text: text.replace('disclose = "R-LO"', 'disclose = "R-DPO"'))
    assert "role" in codes(found)


def test_a_module_that_is_not_confirmed_is_a_warning(tmp_path: Path) -> None:
    (remark,) = said(tmp_path, lambda text: text)
    assert (remark.level, remark.code) == ("warning", "verify")


def test_a_module_of_the_old_form_is_named(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text(MODULE)
    (remark,) = modules(tmp_path)
    assert "A module is a folder" in remark.sentence


SUCCESSOR = """
cites = "x"
from = 2026-01-01
a = [{ state = "nl", until = 2027-01-01 }, { state = "nl", from = 2027-01-02 }]
"""
REGISTRIES = {
    "dates": [
        "cites = 'x'\n[a]\nb = 1",
        "cites = 'x'\n[a]\nfrom = 2026-01-02\nuntil = 2026-01-01",
        "cites = 'x'\n[a]\nfrom = '2026-01-01'",
        "cites = 'x'\n[a]\nfrom = 2026-01-01T00:00:00Z",
    ],
    "source": ["[a]\nfrom = 2026-01-01"],
    "overlap": [
        "cites = 'x'\nfrom = 2026-01-01\n[[a]]\nstate = 'nl'\n[[a]]\nstate = 'nl'",
        SUCCESSOR.replace("2027-01-02", "2027-01-01"),
    ],
}


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in REGISTRIES.items() for text in texts]
)
def test_an_entry_of_a_registry_that_is_not_dated_sourced_or_alone(code: str, text: str) -> None:
    assert code in codes(list(registries({"test": tomllib.loads(text)})))


def test_an_entry_that_follows_another_on_the_next_day_does_not_overlap() -> None:
    assert list(registries({"test": tomllib.loads(SUCCESSOR)})) == []


def test_the_command_finds_what_a_lawyer_put_into_the_package(tmp_path: Path) -> None:
    """A copy of the whole package with a bad module, a bad rule and a bad table in it."""
    copy = tmp_path / "policy"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    home = copy / "law" / "national" / "de"
    home.mkdir()
    (home / "__init__.py").write_text('"""Germany."""\n')
    (home / "module.toml").write_text(MODULE.replace('\nscope = "alike"', '\nscope = "foreign_only"', 1))
    abroad = f'if facts.national != "de" or {AT_HOME}:\n    return None\nreturn approve("R-JUD", "A judge.")'
    written(
        home,
        abroad,
        table=TABLE.replace("DENY", "APPROVE").replace("expect", 'with = { "national" = "de" }\nexpect'),
    )
    run = subprocess.run(
        [sys.executable, "-m", "policy.cli", "lint"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    assert "error LINT-2 policy/law/national/de/module.toml:" in run.stdout
    assert "error LINT-2 policy/law/national/de/new_rule.py" in run.stdout
