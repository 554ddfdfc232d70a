"""Lint for the law: what a reviewer would otherwise have to check by eye in every member's module.

Errors:
- LINT-1, LINT-2: a national provision that burdens foreign requests and not domestic ones (LED Article 9(4);
  2023/977 Article 9(1)). The engine treats it as void; its owner has to repeal it.
- LINT-3: a rule that denies without a listed ground (2023/977 Article 6(1): "data protection" is none).
- a rule without sentence, citation or table of cases; a role that is unknown or may never approve; a file
  that holds several rules; dates the wrong way round; a national module with unknown words.
Warnings: citations that are not verified yet, and void provisions of synthetic modules.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from policy.cases import load
from policy.grounds import grounds
from policy.parameters import HERE, PARAMETERS, national_modules, read_toml
from policy.rules import Rule, rules


class Remark(NamedTuple):
    """One thing the linter has to say."""

    level: str  # "error" or "warning"
    code: str
    where: str
    sentence: str


def lint() -> list[Remark]:
    """All remarks, errors first."""
    found = [*_rules(), *_national(national_modules()), *_grounds(), *_dates()]
    return sorted(found, key=lambda one: (one.level, one.code, one.where, one.sentence))


def _error(code: str, where: str, sentence: str) -> Remark:
    return Remark("error", code, where, sentence)


def _rules() -> Iterator[Remark]:
    files = Counter(one.file for one in rules())
    for one in rules():
        yield from _rule(one)
        yield from _source(one)
        if files[one.file] > 1:
            yield _error("one-rule", one.file, "A file holds one rule.")


def _rule(one: Rule) -> Iterator[Remark]:
    if not one.sentence or not one.cites:
        yield _error("sentence", one.file, f"{one.id} has no sentence or no citation.")
    if one.until is not None and one.until < one.in_force:
        yield _error("dates", one.file, f"{one.id} ends before it starts.")
    table = (HERE.parent / one.file).with_suffix(".toml")
    if not table.exists() or not load(table):
        yield _error("table", one.file, f"{one.id} has no case.")
    if not one.verified:
        yield Remark("warning", "verify", one.file, f"{one.cites} is not verified.")


def _source(one: Rule) -> Iterator[Remark]:
    tree = ast.parse((HERE.parent / one.file).read_text(encoding="utf-8"))
    roles = read_toml(PARAMETERS / "roles.toml")
    for code, role in _calls(tree):
        if code is not None and code not in grounds():
            yield _error("LINT-3", one.file, f"{one.id} uses the unlisted ground {code!r}.")
        if role is not None and role not in roles["role"]:
            yield _error("role", one.file, f"{one.id} asks {role!r}, who may not approve.")


def _calls(tree: ast.AST) -> Iterator[tuple[str | None, str | None]]:
    """Literal ground codes and roles in calls of `deny`, `ask` and `approve`."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        name, first = call.func.id, _literal(call.args[0]) if call.args else None
        if name == "deny":
            yield first, None
        elif name == "approve":
            yield _keyword(call, "code"), first
        elif name == "ask":
            yield _keyword(call, "code"), None


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _keyword(call: ast.Call, name: str) -> str | None:
    return next((_literal(one.value) for one in call.keywords if one.arg == name), None)


def _national(modules: Mapping[str, Mapping[str, Any]]) -> Iterator[Remark]:
    for name, module in sorted(modules.items()):
        where = f"policy/law/national/{name}.toml"
        unknown = set(module) - {"state", "verified", "synthetic", "exchange", "judicial"}
        if unknown:
            yield _error("national", where, f"Unknown words: {', '.join(sorted(unknown))}.")
        if not module.get("verified") and not module.get("synthetic"):
            yield Remark("warning", "verify", where, "The member has not confirmed its module.")
        for one in module.get("judicial", ()):
            yield from _provision(where, one, synthetic=module.get("synthetic") is True)


def _provision(where: str, one: Mapping[str, Any], *, synthetic: bool) -> Iterator[Remark]:
    if one.get("scope") not in ("alike", "foreign_only") or not one.get("cites"):
        yield _error("national", where, "A provision needs a scope (alike or foreign_only) and a citation.")
    elif one["scope"] == "foreign_only":
        sentence = f"{one['cites']} demands a judge of foreign requests only: void."
        yield Remark("warning" if synthetic else "error", "LINT-2", where, sentence)


def _grounds() -> Iterator[Remark]:
    for one in grounds().values():
        if not (one.cites and one.sentence and one.way_out) or one.reads_as not in grounds():
            yield _error("LINT-3", "policy/parameters/grounds.toml", f"Ground {one.code} is not complete.")


def _dates() -> Iterator[Remark]:
    for path in [*sorted(PARAMETERS.glob("*.toml")), *sorted((HERE / "law" / "national").glob("*.toml"))]:
        for entry in _entries(read_toml(path)):
            start, end = entry.get("from"), entry.get("until")
            if isinstance(start, date) and isinstance(end, date) and end < start:
                yield _error("dates", _short(path), "An entry ends before it starts.")


def _entries(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _entries(part)
    elif isinstance(value, list):
        for part in value:
            yield from _entries(part)


def _short(path: Path) -> str:
    return str(path.relative_to(HERE.parent))
