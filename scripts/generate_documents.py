"""Writes the generated parts of the documents: tree, import rules, index of decisions, guess-work.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; everything else is
written by hand and left alone. Each part is made from what it describes (docstrings, import
contracts, decision records, the node's default settings), so none of them can drift.

    python scripts/generate_documents.py            writes
    python scripts/generate_documents.py --check    writes nothing; status 1 when something is stale
"""

from __future__ import annotations

import ast
import math
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "docs" / name for name in ("architecture.md", "threat-model.md", "adr/README.md")]
PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
FOLDERS = ["proto/comity", "policy", "node", "broker"]
COLUMN = 30
WIDTH = 118
# Folders that hold data or are no package, so have no docstring to speak for them.
WITHOUT_CODE = {
    "parameters": "Numbers and lists of the law, dated, as TOML",
    "migrations": "Alembic migrations of the store",
}


def tree() -> str:
    """Each package and what lies directly in it, with the first sentence of its docstring."""
    lines = ["```text"]
    for folder in FOLDERS:
        lines.append(entry(f"{folder}/", ROOT / folder / "__init__.py"))
        lines += [entry(f"  {name}", path) for name, path in children(ROOT / folder)]
    return "\n".join([*lines, "```"]) + "\n"


def children(folder: Path) -> list[tuple[str, Path]]:
    """Subfolders that hold code, then modules; generated stubs and `__init__` are not listed."""
    folders = sorted(path for path in folder.iterdir() if path.is_dir() and any(path.rglob("*.*")))
    modules = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
    named = [(f"{path.name}/", path / "__init__.py") for path in folders if path.name != "__pycache__"]
    return named + [(path.name, path) for path in modules]


def entry(name: str, module: Path) -> str:
    """One line of the tree."""
    words = first_sentence(module) or WITHOUT_CODE.get(name.strip(" /"), "")
    return f"{name:<{COLUMN}}{textwrap.shorten(words, WIDTH - COLUMN, placeholder=' …')}".rstrip()


def first_sentence(module: Path) -> str:
    """What a module says of itself first, without the full stop."""
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) if module.exists() else None
    paragraph = " ".join((text or "").partition("\n\n")[0].split())
    return re.split(r"\.(?: |$)", paragraph)[0]


def import_rules() -> str:
    """The names of the import contracts, in their order."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return "".join(f"- {contract['name']}\n" for contract in settings["tool"]["importlinter"]["contracts"])


def decisions() -> str:
    """One line for each record in docs/adr, by number."""
    lines = ["| Number | Decision | Status |", "|---|---|---|"]
    for path in sorted((ROOT / "docs" / "adr").glob("[0-9][0-9][0-9][0-9]-*.md")):
        text = path.read_text(encoding="utf-8")
        title = re.sub(r"^# (\d{4}[.:]? *)?", "", text.splitlines()[0])
        status = re.search(r"^(?:## Status\s+|\W*Status:\W*)(\w+)", text, re.MULTILINE)
        lines.append(f"| [{path.name[:4]}]({path.name}) | {title} | {status[1] if status else '?'} |")
    return "\n".join(lines) + "\n"


# Kind, what a guesser would run through, how many values that is. Orders of magnitude, on the low side.
GUESS_SPACES = [
    ("ip", "addresses of one provider (a /16) in one hour", 65_536),
    ("imei", "serial numbers of one phone model", 10**6),
    ("plate", "plates of one series of one country", 10**6),
    ("hotel", "1,000 houses of one city, each night of a year", 365_000),
    ("company", "one country's public register", 10**6),
    ("phone", "mobile numbers of one small country", 10**7),
    ("person", "people of one small country, name and birth date known from a leak", 10**7),
    ("card", "numbers of one eight-digit issuer prefix", 10**7),
    ("vin", "vehicles of one manufacturer and model year", 10**7),
    ("advert", "consecutive advert numbers of one site", 10**7),
    ("iban", "account numbers of one bank", 10**8),
    ("document", "numbers of one document type of one state", 10**8),
    ("email", "addresses of one large leak; handles and web addresses alike", 10**9),
    ("phone", "a whole national numbering space", 10**9),
    ("wallet", "every address seen on one chain; transactions alike", 10**9),
    ("travel", "six-character booking references of one carrier, one day", 10**9),
    ("transfer", "ten-digit money transfer numbers; long voucher codes alike", 10**10),
]
EPOCHS_A_YEAR = 12


def guesses() -> str:
    """How much of each guess space one member in bad faith can try under the default quotas."""
    daily, epoch = default_of("daily_quota"), default_of("epoch_quota")
    lines = [
        f"Defaults: {daily:,} a day and {epoch:,} an epoch for each asker and label, federation-wide.",
        f"Counted with {EPOCHS_A_YEAR} epochs a year.",
        "",
        "| Kind | What is run through | Values | In one day | In one epoch | Years for all |",
        "|---|---|---|---|---|---|",
    ]
    for kind, what, size in GUESS_SPACES:
        years = size / (epoch * EPOCHS_A_YEAR)
        row = [kind, what, f"{size:,}", percent(daily / size), percent(epoch / size), significant(years)]
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines) + "\n"


def percent(part: float) -> str:
    """A share in two digits, never more than all."""
    return f"{significant(part * 100)} %" if part < 0.995 else "all"


def significant(number: float) -> str:
    """Two significant digits, never in powers of ten."""
    digits = max(0, 1 - math.floor(math.log10(number)))
    return f"{round(number, 1 - math.floor(math.log10(number))):,.{digits}f}"


def default_of(name: str) -> int:
    """A default of the node's settings, read without importing the node."""
    settings = ast.parse((ROOT / "node" / "ports" / "settings.py").read_text(encoding="utf-8"))
    for item in ast.walk(settings):
        if (
            isinstance(item, ast.AnnAssign)
            and ast.unparse(item.target) == name
            and isinstance(item.value, ast.Call)
        ):
            default = next(word.value for word in item.value.keywords if word.arg == "default")
            return int(ast.literal_eval(default))
    raise SystemExit(f"node/ports/settings.py has no {name}")


PARTS: dict[str, Callable[[], str]] = {
    "tree": tree,
    "import-rules": import_rules,
    "decisions": decisions,
    "guesses": guesses,
}


def renewed(text: str) -> str:
    """The document with every generated part written anew."""
    return PART.sub(lambda part: part[1] + PARTS[part[2]]() + part[3], text)


def main(arguments: list[str]) -> int:
    """Writes, or with `--check` only compares; the exit status says whether all was current."""
    stale = [
        path
        for path in DOCUMENTS
        if renewed(path.read_text(encoding="utf-8")) != path.read_text(encoding="utf-8")
    ]
    for path in stale:
        if "--check" not in arguments:
            path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
        print(path.relative_to(ROOT), "is stale" if "--check" in arguments else "written")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
