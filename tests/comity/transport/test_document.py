"""What docs/protocol/transport.md says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from google.protobuf import text_format
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]

from comity import errors
from comity.errors import NotFound
from comity.transport.channel import DEFAULT_DEADLINE_SECONDS
from comity.transport.deadlines import SHAVE_SECONDS
from comity.transport.errors import MAX_TEXT, status_of, to_status
from comity.transport.server import MAX_MESSAGE_BYTES
from comity.transport.telemetry import ALLOWED

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs/protocol/transport.md").read_text(encoding="utf-8")


def test_the_table_of_errors_is_the_mapping() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", DOCUMENT, re.MULTILINE)
    assert len(rows) == 9
    for kind, status in rows:
        assert status_of(getattr(errors, kind)("x")).name == status


def test_the_example_of_a_refusal_is_what_travels() -> None:
    assert error_details_pb2.ErrorInfo is not None  # registers the details' types
    example = DOCUMENT.split("```text\n")[1].split("```")[0]
    sent = to_status(NotFound("The addressee is not in the roster.", code="unknown-team", field="recipient"))
    assert text_format.Parse(example, status_pb2.Status()) == sent


def test_the_keys_of_a_log_line_are_those_listed() -> None:
    listed = DOCUMENT.split("dropped and counted:")[1].split("They go to")[0]
    assert re.findall(r"`(\w+)`", listed) == sorted(ALLOWED)


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"{DEFAULT_DEADLINE_SECONDS:.0f} seconds when the caller does not say" in DOCUMENT
    assert f"keeps {SHAVE_SECONDS * 1000:.0f} ms" in DOCUMENT
    assert f"at most {MAX_TEXT} characters" in DOCUMENT
    assert f"At most {MAX_MESSAGE_BYTES // 1_048_576} MiB" in DOCUMENT
