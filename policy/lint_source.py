"""Lint of a rule's text: what it may call, and that it comes to an end.

Rules of this module:
- Grounds and roles written out in a rule are listed ones; "data protection" is no ground (LINT-3).
- A rule makes its findings with the words of policy/findings.py, under whatever name it imports them.
- A rule is total: no `while`, no `try`, no recursion, no endless iterator. Facts are finite, so it ends. (A
  running rule cannot be stopped with the standard library alone at no cost; so it is never allowed to loop.)
- A rule is pure: it imports facts, words, figures and dates, and asks no clock, no file and no chance.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from policy.grounds import grounds
from policy.parameters import files
from policy.remarks import Remark, error

WORDS = frozenset({"permit", "deny", "approve", "oblige", "ask", "note"})
ALLOWED = frozenset(
    {"__future__", "datetime", "functools", "enum", "re", "typing", "collections.abc", "itertools"}
)
OURS = (
    "policy.facts",
    "policy.findings",
    "policy.parameters",
    "policy.registry",
    "policy.rules",
    "policy.law",
)
IMPURE = frozenset(
    {"open", "eval", "exec", "compile", "input", "print", "globals", "vars", "__import__", "setattr"}
)
CLOCKS = frozenset({"now", "today", "utcnow", "fromtimestamp"})
ENDLESS = frozenset({"count", "cycle", "repeat"})
DATA_PROTECTION = frozenset({"data-protection", "data_protection", "privacy", "gdpr", "led", "led-1"})


def check(path: Path, where: str) -> Iterator[Remark]:
    """Remarks on one file of law, a rule or what rules share."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as broken:
        yield error("syntax", f"{where}:{broken.lineno or 1}", "This is not Python.")
        return
    for node, code, sentence in (*_findings(tree), *_endless(tree), *_impure(tree)):
        yield error(code, f"{where}:{node.lineno}", sentence)


Found = Iterator[tuple[ast.expr | ast.stmt, str, str]]


def _findings(tree: ast.AST) -> Found:
    names = _imported(tree)
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = _word(call.func, names)
        if name == "Finding":
            yield call, "finding", "A rule makes findings by permit, deny, approve, oblige, ask and note."
        elif name in WORDS:
            yield from _listed(call, name)


def _listed(call: ast.Call, name: str) -> Found:
    first = _literal(call.args[0]) if call.args else _keyword(call, "role" if name == "approve" else "code")
    code = first if name == "deny" else _keyword(call, "code")
    if code is not None and code in DATA_PROTECTION:
        yield call, "LINT-3", f'"{code}" alone is no ground of refusal: name the listed ground.'
    elif code is not None and code not in grounds():
        yield call, "LINT-3", f"The ground {code!r} is not listed in grounds.toml."
    if name == "approve" and first is not None and first not in files()["roles"]["role"]:
        yield call, "role", f"{first!r} may not approve."


def _imported(tree: ast.AST) -> dict[str, str]:
    """Names in this file -> the names of policy.findings that they stand for; modules as "*"."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "policy.findings":
            names |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "policy":
            names |= {one.asname or one.name: "*" for one in node.names if one.name == "findings"}
    return names


def _word(function: ast.expr, names: dict[str, str]) -> str:
    if isinstance(function, ast.Name):
        return names.get(function.id, "")
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.attr if names.get(function.value.id) == "*" else ""
    return ""


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _keyword(call: ast.Call, name: str) -> str | None:
    return next((_literal(one.value) for one in call.keywords if one.arg == name), None)


def _endless(tree: ast.AST) -> Found:
    calls = _calls(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.While):
            yield node, "total", "`while` may not end: walk over the facts with `for`."
        elif isinstance(node, (ast.Try, ast.TryStar)):
            yield node, "total", "A rule that fails denies; it does not catch its own failure."
        elif (isinstance(node, ast.Call) and _last(node.func) in ENDLESS) or (
            isinstance(node, ast.Call) and _last(node.func) == "iter" and len(node.args) > 1
        ):
            yield node, "total", "An endless iterator."
        elif isinstance(node, ast.FunctionDef) and node.name in _reached(node.name, calls):
            yield node, "total", f"{node.name} calls itself."


def _calls(tree: ast.AST) -> dict[str, set[str]]:
    """Which functions of the file each function names."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    known = {one.name for one in functions}
    return {
        one.name: {node.id for node in ast.walk(one) if isinstance(node, ast.Name) and node.id in known}
        for one in functions
    }


def _reached(start: str, calls: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(calls.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(calls.get(name, ()))
    return found


def _last(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _impure(tree: ast.AST) -> Found:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (
                (node, "pure", f"A rule does not import {one.name}.")
                for one in node.names
                if not _may(one.name)
            )
        elif isinstance(node, ast.ImportFrom) and not _may(node.module or ""):
            yield node, "pure", f"A rule does not import {node.module}."
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE:
            yield node, "pure", f"A rule does not call {node.func.id}."
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield node, "pure", "The only time is `facts.now`."


def _may(module: str) -> bool:
    return module in ALLOWED or any(module == one or module.startswith(f"{one}.") for one in OURS)
