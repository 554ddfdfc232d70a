"""`comity-policy`: ask the law, run its cases, index and lint it, replay a stored decision.

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

from policy.cases import Case, all_cases, load
from policy.codec import proposal_from
from policy.engine import decide
from policy.errors import PolicyError
from policy.explain import explain
from policy.findings import Outcome
from policy.index import index
from policy.lint import lint
from policy.replay import replay

EXAMPLES = """\
examples:
  comity-policy explain facts.toml           the decision in sentences
  comity-policy explain facts.json --json    the decision as data, to be stored
  comity-policy replay decision.json         does the law still say so?
  comity-policy cases                        run every case of every rule
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
    command("lint", "Check rules, parameters and national modules.", _lint)
    command("replay", "Judge a stored decision's facts again.", _replay).add_argument(
        "decision", type=Path, help="a decision as explain --json wrote it"
    )
    return parser


def _explain(chosen: argparse.Namespace) -> int:
    decision = decide(proposal_from(_read(chosen.facts)))
    if chosen.json:
        _print(decision.to_dict())
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
    remarks = lint()
    errors = sum(one.level == "error" for one in remarks)
    if chosen.json:
        _print({"errors": errors, "remarks": [one._asdict() for one in remarks]})
    else:
        for one in remarks:
            print(f"{one.level} {one.code} {one.where}: {one.sentence}")
        print(f"{errors} errors, {len(remarks) - errors} warnings")
    return 1 if errors else 0


def _replay(chosen: argparse.Namespace) -> int:
    found = replay(_read(chosen.decision))
    if chosen.json:
        _print({"same": found.same, "differences": found.differences, "changed_rules": found.changed_rules})
        return 0 if found.same else 1
    for line in found.differences:
        print(f"differs: {line}")
    for line in found.changed_rules:
        print(f"rule text changed: {line}")
    print("same decision" if found.same else "another decision")
    return 0 if found.same else 1


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
