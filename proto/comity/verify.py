"""`comity-verify`: checks a log bundle without a node, a database or a network.

The rules: it trusts the file for nothing and the fingerprint on the command line for everything; every check
is explained in words; exit 0 means that no check failed, 1 that one did, 2 that the file is unusable.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from comity.errors import ComityError
from comity.identifiers import check_fingerprint
from comity.log.bundle import Report, check_bundle

OK, FAILED, UNUSABLE = 0, 1, 2

_MARKS = {"pass": "passed     ", "fail": "FAILED     ", "not checked": "not checked"}
_EXAMPLE = """\
example:
  comity-verify case-17.bundle.json --roster-fingerprint \\
    sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

The fingerprint must come from somebody else than the sender of the bundle: any member of the
federation reads it out of `comity-node roster show`. Without it, the bundle can only be checked
against itself.

exit status: 0 no check failed, 1 a check failed, 2 the file cannot be used
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="comity-verify",
        description="Checks a Comity log bundle: roster, signatures, witnesses, proofs, disclosures.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle file, or - for standard input")
    made.add_argument(
        "--roster-fingerprint",
        metavar="sha256:…",
        help="fingerprint of roster version 1, from another source than the bundle",
    )
    made.add_argument("--json", action="store_true", help="print the report as JSON")
    return made


def words(report: Report) -> str:
    """The report for a person: one paragraph a check, then the verdict."""
    lines = []
    for each in report.checks:
        lines += [f"{each.number}. {_MARKS[each.outcome]}  {each.question}", f"                {each.words}"]
    failed = sum(each.outcome == "fail" for each in report.checks)
    skipped = sum(each.outcome == "not checked" for each in report.checks)
    verdict = f"{failed} of {len(report.checks)} checks FAILED" if failed else "no check failed"
    lines += ["", f"{verdict}; {skipped} could not be made."]
    if not report.pinned:
        lines.append("Nothing ties this bundle to the federation: it was checked against itself only.")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = parser().parse_args(arguments)
    try:
        fingerprint = options.roster_fingerprint and check_fingerprint(
            options.roster_fingerprint, "--roster-fingerprint"
        )
        data = sys.stdin.buffer.read() if str(options.bundle) == "-" else options.bundle.read_bytes()
        report = check_bundle(data, fingerprint=fingerprint or None, now=datetime.now(UTC))
    except (ComityError, OSError) as problem:
        return _unusable(problem, as_json=options.json)
    print(json.dumps(report.as_dict(), indent=1) if options.json else words(report))
    return OK if report.ok else FAILED


def _unusable(problem: ComityError | OSError, *, as_json: bool) -> int:
    known = problem if isinstance(problem, ComityError) else None
    reason = str(problem) if known else f"the file cannot be read: {problem}"
    if as_json:
        details = known.as_dict() if known else {"code": "unreadable", "message": reason}
        print(json.dumps({"ok": False, "error": details}, indent=1))
    print(f"comity-verify: {reason}", file=sys.stderr)
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
