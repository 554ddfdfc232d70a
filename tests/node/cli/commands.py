"""Commands run as a person runs them: inside this process, or as processes of their own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from node.cli.node import app

ROOT = Path(__file__).resolve().parents[3]
MAIN = "from {module} import main\nmain()"


def run(*arguments: str | Path, stdin: str | None = None) -> tuple[int, str]:
    """Exit code and output of one `comity-node` command."""
    result = CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def told(*arguments: str | Path, stdin: str | None = None) -> tuple[int, Any]:
    """The same with --json, its one line read."""
    code, output = run(*arguments, "--json", stdin=stdin)
    return code, json.loads(output)


def done(*arguments: str | Path) -> Any:
    """What a command that must succeed answers."""
    code, answer = told(*arguments)
    assert code == 0, answer
    return answer


def process(module: str, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
    """A command line as a process of its own."""
    paths = f"{ROOT}/proto{os.pathsep}{ROOT}"
    return subprocess.Popen(
        [sys.executable, "-c", MAIN.format(module=module), *(str(each) for each in arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths} | environment,
        cwd=ROOT,
    )


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def new_home(folder: Path, team: str, *, port: int = 7443) -> Path:
    """A node's home, made by `init`."""
    home = folder / team
    address = f"127.0.0.1:{port}"
    options = ("--state", team.upper(), "--federation", "eu-thb", "--address", address, "--listen", address)
    done("init", "--home", home, "--team", team, *options)
    return home


def new_officer(folder: Path, home: Path, name: str, *roles: str) -> Path:
    """An officer's key file with its certificate beside it."""
    key = folder / f"{name}.key"
    done("officer", "new", name, "--home", home, "-o", key)
    chosen = [word for role in roles for word in ("--role", role)]
    root = home / "offline" / "root.key"
    certificate = key.with_suffix(".cert")
    done("officer", "certify", f"{key}.pub", *chosen, "--root-key", root, "--home", home, "-o", certificate)
    return key


def signed_roster(folder: Path, homes: list[Path], *brokers: Path) -> tuple[Path, str]:
    """A roster of these teams, signed by all of them, and its fingerprint."""
    draft = folder / "first.draft"
    cards = [word for home in homes for word in ("--card", home / "TEAM.card")]
    hubs = [word for broker in brokers for word in ("--broker", broker)]
    done("roster", "draft", "--federation", "eu-thb", "--threshold", "2", *cards, *hubs, "-o", draft)
    copies = []
    for home in homes:
        copies.append(folder / f"{home.name}.roster")
        done("roster", "sign", draft, "--root-key", home / "offline" / "root.key", "-o", copies[-1])
    combined = done("roster", "combine", *copies, "-o", folder / "first.roster")
    return folder / "first.roster", combined["fingerprint"]
