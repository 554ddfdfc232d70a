"""What the architecture tests read: the repository's own files, as text and as syntax trees.

A file counts when git tracks it or would (so a new file is judged before its first commit); in a
source archive without git, every file counts. Generated stubs are left out of `modules`: their
schemas are judged instead.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "comity": ROOT / "proto" / "comity",
    "policy": ROOT / "policy",
    "broker": ROOT / "broker",
    "node": ROOT / "node",
}
NOT_OURS = {".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}


@cache
def committed() -> tuple[Path, ...]:
    """Every file of the repository, relative to its root, in order."""
    listing = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    answer = subprocess.run(listing, capture_output=True, text=True, check=False)
    if answer.returncode == 0 and answer.stdout:
        names = [Path(name) for name in answer.stdout.split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*") if not NOT_OURS & set(path.parts)]
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def read(path: Path) -> str:
    """The text of a file, named from the root; empty when it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def modules(package: str) -> list[Path]:
    """The hand-written modules of one import package, as absolute paths."""
    found = sorted(PACKAGES[package].rglob("*.py"))
    return [path for path in found if "_pb2" not in path.name and "__pycache__" not in path.parts]


def all_modules() -> list[Path]:
    """The hand-written modules of all four packages."""
    return [path for package in PACKAGES for path in modules(package)]


def dotted(path: Path) -> str:
    """A module's import name, as in `node.flow.match`."""
    root = PACKAGES["comity"].parent if path.is_relative_to(PACKAGES["comity"]) else ROOT
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def inside(path: Path, *packages: str) -> bool:
    """Whether a module is one of these packages or lies in one of them."""
    name = dotted(path)
    return any(name == package or name.startswith(package + ".") for package in packages)


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every name that a module imports, relative ones resolved, with its line."""
    package = dotted(path) if path.name == "__init__.py" else dotted(path).rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def place(path: Path, line: int) -> str:
    """`file:line`, from the root."""
    return f"{path.relative_to(ROOT)}:{line}"
