"""Who may import whom. The directions are contracts in pyproject.toml; what follows file by file is here."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.sources import ROOT, all_modules, imports, inside, modules, place

# What pure code may use of the standard library: nothing that reads, writes, waits or guesses.
IMPURE = {
    "asyncio",
    "concurrent",
    "http",
    "logging",
    "multiprocessing",
    "os",
    "random",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
}
# The only third-party code that gives the protocol its meaning, outside comity.transport.
PROTOCOL_USES = {
    "anyascii",
    "base58",
    "cryptography",
    "email_validator",
    "eth_hash",
    "google",
    "idna",
    "nacl",
    "numpy",
    "phonenumbers",
    "publicsuffixlist",
    "rbcl",
    "stdnum",
}


def top(name: str) -> str:
    return name.partition(".")[0]


def breaches(files: list[Path], allowed: set[str]) -> list[str]:
    return [
        f"{place(path, line)} imports {name}"
        for path in files
        for line, name in imports(path)
        if top(name) not in allowed
    ]


def test_the_import_contracts_are_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_every_import_contract_is_named_by_a_sentence() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]
    assert len(names) == len(set(names)) >= 6
    assert [name for name in names if len(name.split()) < 4] == []


def test_policy_imports_the_standard_library_and_itself_only() -> None:
    assert breaches(modules("policy"), set(sys.stdlib_module_names) | {"policy"}) == []


def test_the_protocol_imports_what_gives_it_meaning_only() -> None:
    pure = [path for path in modules("comity") if not inside(path, "comity.transport", "comity.verify")]
    allowed = (set(sys.stdlib_module_names) - {"socket", "subprocess", "ssl"}) | PROTOCOL_USES | {"comity"}
    assert breaches(pure, allowed) == []


def test_flow_imports_no_module_that_reads_writes_or_waits() -> None:
    flow = [path for path in modules("node") if inside(path, "node.flow")]
    allowed = (set(sys.stdlib_module_names) - IMPURE) | {
        "comity",
        "policy",
        "node",
        "numpy",
        "google",
        "nacl",
    }
    assert breaches(flow, allowed) == []
    outside = [
        f"{place(path, line)} imports {name}"
        for path in flow
        for line, name in imports(path)
        if top(name) == "node" and not f"{name}.".startswith("node.flow.")
    ]
    assert outside == []


def test_the_broker_knows_neither_law_nor_selectors_nor_pseudonyms() -> None:
    forbidden = ("policy", "node", "comity.selector", "comity.pseudonym", "comity.oprf", "comity.feed")
    found = [
        f"{place(path, line)} imports {name}"
        for path in modules("broker")
        for line, name in imports(path)
        if any(f"{name}.".startswith(f"{module}.") for module in forbidden)
    ]
    assert found == []


def test_no_package_imports_its_tests() -> None:
    named = [(place(path, line), name) for path in all_modules() for line, name in imports(path)]
    assert [where for where, name in named if top(name) in {"tests", "pytest", "hypothesis"}] == []
