"""Every module says what it promises, and every public name of the protocol and the law says what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import ROOT, all_modules, modules, place, tree

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def scripts() -> list[Path]:
    return [*sorted((ROOT / "scripts").glob("*.py")), *sorted((ROOT / "bench").glob("*.py"))]


def test_every_module_has_a_docstring() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    silent = [
        str(path.relative_to(ROOT))
        for path in [*all_modules(), *scripts(), *tests]
        if ast.get_docstring(tree(path)) is None and tree(path).body
    ]
    assert silent == []


def test_every_public_name_of_the_protocol_and_the_law_has_a_docstring() -> None:
    silent = [
        f"{place(path, name.lineno)} {name.name}"
        for package in ("comity", "policy")
        for path in modules(package)
        for name in public_names(tree(path))
        if ast.get_docstring(name) is None
    ]
    assert silent == []


def public_names(scope: ast.Module | ast.ClassDef) -> Iterator[Documented]:
    """Public classes and functions of a module, and the public methods of those classes."""
    for item in scope.body:
        if not isinstance(item, Documented) or item.name.startswith("_") or repeats_another(item):
            continue
        yield item
        if isinstance(item, ast.ClassDef):
            yield from public_names(item)


def repeats_another(item: Documented) -> bool:
    """Overloads, setters and overrides say what the name they repeat says."""
    return any(
        word in ast.unparse(decorator)
        for decorator in item.decorator_list
        for word in ("overload", ".setter", "override")
    )


def test_no_test_is_skipped_without_a_reason() -> None:
    wordless = [
        place(path, call.lineno)
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for call in ast.walk(tree(path))
        if (isinstance(call, ast.Call) and is_skip(call.func) and not gives_reason(call))
        or (isinstance(call, ast.FunctionDef) and any(is_skip(mark) for mark in call.decorator_list))
    ]
    assert wordless == []


def is_skip(name: ast.expr) -> bool:
    return isinstance(name, ast.Attribute) and name.attr in {"skip", "skipif", "xfail", "importorskip"}


def gives_reason(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    words = [keyword.value for keyword in call.keywords if keyword.arg in {"reason", "msg"}]
    if name in {"skip", "xfail"}:
        words += call.args[:1]
    return any(not (isinstance(word, ast.Constant) and not word.value) for word in words)
