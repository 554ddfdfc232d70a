"""Generates the Python stubs of proto/comity/v1 next to their schemas.

Run through `make protocol`; a test runs it into a temporary folder and compares, so that the
committed stubs never drift from the schemas.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent


def generate(out: Path) -> list[Path]:
    """Writes all stubs below `out` (which becomes an import root) and returns their paths."""
    schemas = sorted((ROOT / "proto" / "comity" / "v1").glob("*.proto"))
    arguments = [
        "protoc",
        f"--proto_path={ROOT / 'proto'}",
        f"--python_out={out}",
        f"--grpc_python_out={out}",
        f"--mypy_out={out}",
        f"--mypy_grpc_out={out}",
        *[str(schema.relative_to(ROOT / "proto")) for schema in schemas],
    ]
    beside = str(Path(sys.executable).parent)  # where protoc finds its plugins
    os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", "")])
    status = protoc.main(arguments)
    if status != 0:
        raise SystemExit(f"protoc failed with status {status}")
    return sorted((out / "comity" / "v1").glob("*_pb2*"))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "proto"
    for path in generate(target):
        print(path)
