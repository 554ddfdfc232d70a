"""`comity-policy`: ask the law, run its cases, index and lint it, keep a copy, replay a stored decision.

Exit codes: 0 permitted, or all is well; 1 denied, or something is not well; 2 the input cannot be read;
3 open until a named role approves.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from policy.archive import keep, replay_under
from policy.budget import limited
from policy.cases import Case, all_cases, load
from policy.codec import proposal_from
from policy.engine import decide
from policy.errors import PolicyError
from policy.explain import explain, explanation
from policy.findings import Outcome
from policy.index import index
from policy.lint import lint
from policy.lint_data import module
from policy.replay import Replay, changed_since, replay

EXAMPLES = """\
examples:
  comity-policy explain facts.toml           the decision in sentences
  comity-policy explain facts.json --json    as data (policy/explain.schema.json), to be stored
  comity-policy replay decision.json         does the law still say so?
  comity-policy replay decision.json --law kept
                                             what did the law of its day say?
  comity-policy keep kept                    keep a copy of today's law for that
  comity-policy cases                        run every case of every rule
  comity-policy lint                         check rules, registries and national modules
  comity-policy index -o docs/law.md         write the index of the law

exit codes: 0 permitted or all well, 1 denied or not well, 2 unreadable input, 3 waits for approval
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    chosen = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = chosen.run
    try:
        return run(chosen)
    except PolicyError as wrong:
        if chosen.json:
            _print(wrong.as_dict())
        print(f"comity-policy: {wrong}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="comity-policy",
        description="The law as a program: what may be released, to whom, on which article.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--json", action="store_true", help="write data instead of sentences")
        one.set_defaults(run=run)
        return one

    command("explain", "Judge the facts of a file and say why.", _explain).add_argument(
        "facts", type=Path, help="a proposal as .toml or .json"
    )
    command("cases", "Run case tables; without FILE, all of them.", _cases).add_argument(
        "files", type=Path, nargs="*", metavar="FILE", help="case tables"
    )
    command("index", "Write the index of the law.", _index).add_argument(
        "-o", "--output", type=Path, help="file to write; standard output when left out"
    )
    command("lint", "Check rules, registries and national modules.", _lint).add_argument(
        "modules", type=Path, nargs="*", metavar="MODULE", help="only these national modules (module.toml)"
    )
    command("keep", "Keep a copy of today's law.", _keep).add_argument(
        "folder", type=Path, help="the copy is written to FOLDER/<law version>/policy"
    )
    again = command("replay", "Judge a stored decision's facts again.", _replay)
    again.add_argument("decision", type=Path, help="a decision, or an explanation as explain --json wrote it")
    again.add_argument(
        "--law", type=Path, metavar="DIR", help="judge by the copy of the law in DIR (it is run)"
    )
    return parser


def _explain(chosen: argparse.Namespace) -> int:
    decision = decide(proposal_from(_read(chosen.facts)))
    if chosen.json:
        _print(explanation(decision))
    else:
        print("\n".join(explain(decision)))
    return {Outcome.DENY: 1, Outcome.APPROVE: 3}.get(decision.outcome, 0)


def _cases(chosen: argparse.Namespace) -> int:
    cases = [one for path in chosen.files for one in load(path)] if chosen.files else all_cases()
    results = [(one, _run(one)) for one in cases]
    failed = [(one, wrong) for one, wrong in results if wrong]
    if chosen.json:
        rows = [
            {"file": one.file, "name": one.name, "row": one.row, "wrong": wrong} for one, wrong in results
        ]
        _print({"cases": len(cases), "failed": len(failed), "results": rows})
    else:
        for one, wrong in failed:
            print(f"FAILED {one.file}: {one.name}", *(f"  {line}" for line in wrong), sep="\n")
        print(f"{len(cases)} cases, {len(failed)} failed")
    return 1 if failed or not cases else 0


def _run(case: Case) -> list[str]:
    try:
        with limited():
            return case.run()
    except PolicyError as wrong:
        return [str(wrong)]


def _index(chosen: argparse.Namespace) -> int:
    text = index()
    if chosen.output is None:
        print(json.dumps({"markdown": text}) if chosen.json else text, end="")
        return 0
    try:
        chosen.output.write_text(text, encoding="utf-8")
    except OSError as broken:
        raise PolicyError(f"Cannot write: {broken.strerror}.", field=str(chosen.output)) from None
    return 0


def _lint(chosen: argparse.Namespace) -> int:
    paths: list[Path] = chosen.modules
    remarks = sorted(one for path in paths for one in module(_module(path))) if paths else lint()
    errors = sum(one.level == "error" for one in remarks)
    if chosen.json:
        _print({"errors": errors, "remarks": [one._asdict() for one in remarks]})
    else:
        for one in remarks:
            print(f"{one.level} {one.code} {one.where}: {one.sentence}")
        print(f"{errors} errors, {len(remarks) - errors} warnings")
    return 1 if errors else 0


def _module(path: Path) -> Path:
    place = path / "module.toml" if path.is_dir() else path
    if not place.is_file():
        raise PolicyError("There is no such module.", code="not-found", field=str(place))
    return place


def _keep(chosen: argparse.Namespace) -> int:
    place = keep(chosen.folder)
    if chosen.json:
        _print({"kept": str(place)})
    else:
        print(place)
    return 0


def _replay(chosen: argparse.Namespace) -> int:
    stored = _read(chosen.decision)
    found = replay(stored) if chosen.law is None else replay_under(stored, chosen.law)
    since = () if chosen.law is None else changed_since(stored)
    if chosen.json:
        _print(
            {
                "same": found.same,
                "differences": found.differences,
                "changed_rules": found.changed_rules,
                "changed_figures": found.changed_figures,
                "changed_since": since,
            }
        )
    else:
        print("\n".join([*_told(found), *(f"changed since: {line}" for line in since)]))
    return 0 if found.same else 1


def _told(found: Replay) -> list[str]:
    lines = [f"differs: {line}" for line in found.differences]
    lines += [f"rule text changed: {line}" for line in found.changed_rules]
    if found.changed_figures:
        lines.append("figures, modules or rules that were not asked have changed")
    return [*lines, "same decision" if found.same else "another decision"]


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as broken:
        raise PolicyError(f"Cannot read: {broken.strerror}.", code="not-found", field=str(path)) from None
    except (ValueError, RecursionError) as broken:
        raise PolicyError(f"Neither TOML nor JSON: {broken}.", field=str(path)) from None
    if not isinstance(data, dict):
        raise PolicyError("Expected a table of facts.", field=str(path))
    return data


def _print(data: Any) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    sys.exit(main())
