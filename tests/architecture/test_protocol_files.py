"""The schemas are clean, the stubs are theirs, and no released message changes its meaning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

STUBS = ROOT / "proto" / "comity" / "v1"
BASELINE = ROOT / "tests" / "vectors" / "protocol-baseline.binpb"


def buf(*words: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("buf")
    return subprocess.run([program, *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_schemas_keep_the_lint_rules() -> None:
    answer = buf("lint")
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_no_message_breaks_with_the_last_release() -> None:
    answer = buf("breaking", "--against", str(BASELINE))
    why = "Nothing on the wire is ever reused: see docs/adr/0009-wire-evolution.md"
    assert answer.returncode == 0, f"{answer.stdout}{answer.stderr}{why}"


def test_a_renumbered_field_would_be_noticed(tmp_path: Path) -> None:
    schemas = tmp_path / "proto" / "comity" / "v1"
    schemas.mkdir(parents=True)
    for schema in STUBS.glob("*.proto"):
        text = schema.read_text().replace("bytes payload = 2;", "bytes payload = 9;")
        (schemas / schema.name).write_text(text)
    (tmp_path / "buf.yaml").write_text((ROOT / "buf.yaml").read_text())
    answer = buf("breaking", str(tmp_path), "--against", str(BASELINE))
    assert answer.returncode != 0
    assert "payload" in answer.stdout


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("stubs")
    program = [sys.executable, str(ROOT / "scripts" / "generate_protocol.py"), str(out)]
    subprocess.run(program, check=True, capture_output=True, env={"PATH": str(Path(sys.executable).parent)})
    return out / "comity" / "v1"


def test_the_committed_stubs_are_what_the_schemas_generate(regenerated: Path) -> None:
    fresh = {path.name: path.read_bytes() for path in regenerated.iterdir()}
    kept = {path.name: path.read_bytes() for path in STUBS.glob("*_pb2*")}
    assert sorted(fresh) == sorted(kept)
    assert [name for name in sorted(fresh) if fresh[name] != kept[name]] == [], "run `make protocol`"
