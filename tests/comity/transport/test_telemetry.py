"""What a program reports, and what cannot get in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.errors import ComityError, Malformed
from comity.transport.rotating import RotatingFile
from comity.transport.telemetry import setup
from comity.v1 import broker_pb2, broker_pb2_grpc
from tests.comity.transport.peers import Team, serve

SELECTOR = "+31612345678"


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_holds_its_allowed_keys_and_counts_the_others(tmp_path: Path) -> None:
    telemetry = setup("comity-node", f"file:{tmp_path}")
    telemetry.log.info("feed pulled", peer="nl", count=12, phone=SELECTOR, name="Jane Doe")
    telemetry.shutdown()
    (line,) = _lines(tmp_path / "log.jsonl")
    assert line["event"] == "feed pulled"
    assert (line["peer"], line["count"], line["service"], line["dropped"]) == ("nl", 12, "comity-node", 2)
    assert set(line) == {"event", "peer", "count", "service", "dropped", "level", "timestamp"}


@pytest.mark.parametrize(
    "facts",
    [
        {"peer": SELECTOR},
        {"code": "jane@example.org"},
        {"reference": SELECTOR},
        {"count": SELECTOR},
        {"count": 10**18},
        {"error": "ValueError: " + SELECTOR},
        {"version": SELECTOR},
        {"exc_info": ValueError(SELECTOR)},
        {"stack_info": True},
    ],
)
def test_an_allowed_key_with_a_value_of_another_form_is_dropped(
    tmp_path: Path, facts: dict[str, Any]
) -> None:
    telemetry = setup("test", f"file:{tmp_path}")
    telemetry.log.error("something failed", **facts)
    telemetry.shutdown()
    (line,) = _lines(tmp_path / "log.jsonl")
    assert line["dropped"] == 1
    assert "31612345678" not in json.dumps(line)


@pytest.mark.parametrize("event", [f"imported {SELECTOR}", "wrote to jane@example.org", "x" * 200])
def test_an_event_with_data_in_it_is_withheld(tmp_path: Path, event: str) -> None:
    telemetry = setup("test", f"file:{tmp_path}")
    telemetry.log.info(event)
    telemetry.shutdown()
    (line,) = _lines(tmp_path / "log.jsonl")
    assert line["event"] == "event text withheld"


def test_an_exception_logged_by_habit_leaves_no_trace_of_its_text(tmp_path: Path) -> None:
    telemetry = setup("test", f"file:{tmp_path}")
    try:
        raise ValueError(SELECTOR)
    except ValueError:
        telemetry.log.exception("failed")
    telemetry.shutdown()
    assert "31612345678" not in (tmp_path / "log.jsonl").read_text()


def test_log_lines_carry_the_ids_of_the_span_they_belong_to(tmp_path: Path) -> None:
    telemetry = setup("test", f"file:{tmp_path}")
    with telemetry.tracer.start_as_current_span("work"):
        telemetry.log.info("in work")
    telemetry.shutdown()
    (line,) = _lines(tmp_path / "log.jsonl")
    (span,) = _lines(tmp_path / "traces.jsonl")
    assert span["context"]["trace_id"] == f"0x{line['trace_id']}"


def test_calls_and_streams_are_measured_on_both_sides_by_method_peer_and_status_alone(tmp_path: Path) -> None:
    it, nl = Team.make("it"), Team.make("nl")
    ours, theirs = setup("client", f"file:{tmp_path}/nl"), setup("server", f"file:{tmp_path}/it")
    wire = serve(it, {nl.spiffe: nl.authority.cert_pem}, telemetry=theirs)
    with wire.channel(nl.leaf, telemetry=ours) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
        assert len(list(stub.Fetch(broker_pb2.FetchRequest()))) == 3
        wire.box.failure = ValueError(SELECTOR)
        with pytest.raises(ComityError):
            stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
    wire.server.stop(None)
    ours.shutdown()
    theirs.shutdown()
    for side, peer in (("nl", "it"), ("it", "nl")):
        spans = [span["attributes"] for span in _lines(tmp_path / side / "traces.jsonl")]
        assert [span["rpc.status"] for span in spans] == ["OK", "OK", "INTERNAL"]
        assert {key for span in spans for key in span} == {"rpc.method", "comity.peer", "rpc.status"}
        assert {span["comity.peer"] for span in spans} == {peer}
        everything = "".join(path.read_text() for path in (tmp_path / side).iterdir())
        assert "31612345678" not in everything
        assert "comity.server.calls" in everything or "comity.client.calls" in everything


def test_a_stream_reports_the_bytes_that_it_carried(tmp_path: Path) -> None:
    it, nl = Team.make("it"), Team.make("nl")
    telemetry = setup("server", f"file:{tmp_path}")
    wire = serve(it, {nl.spiffe: nl.authority.cert_pem}, telemetry=telemetry)
    with wire.channel(nl.leaf) as channel:
        stream = broker_pb2_grpc.MailboxServiceStub(channel).Fetch(broker_pb2.FetchRequest())
        expected = sum(message.ByteSize() for message in stream)
    wire.server.stop(None)
    telemetry.shutdown()
    metrics = _lines(tmp_path / "metrics.jsonl")[-1]["resource_metrics"][0]["scope_metrics"][0]["metrics"]
    (counted,) = [metric for metric in metrics if metric["name"] == "comity.server.bytes"]
    sent = [p["value"] for p in counted["data"]["data_points"] if p["attributes"]["direction"] == "sent"]
    assert sent == [expected]


def test_a_file_rotates_by_size_and_keeps_three(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "log.jsonl", limit=100)
    for number in range(100):
        file.write(json.dumps({"number": number, "pad": "x" * 30}) + "\n")
    file.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["log.jsonl", "log.jsonl.1", "log.jsonl.2", "log.jsonl.3"]
    assert all(path.stat().st_size <= 100 for path in tmp_path.iterdir())
    assert _lines(tmp_path / "log.jsonl")[-1]["number"] == 99
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_a_line_that_cannot_be_written_is_counted_and_stops_nobody(tmp_path: Path) -> None:
    file = RotatingFile(tmp_path / "log.jsonl")
    file._file.close()
    file.write("lost\n")
    assert file.lost == 1


def test_no_exporter_means_no_output(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = setup("test")
    telemetry.log.error("not written", count=1)
    telemetry.shutdown()
    assert capsys.readouterr() == ("", "")


def test_the_console_is_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = setup("test", "console")
    telemetry.log.info("hello", count=1)
    telemetry.shutdown()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err.splitlines()[0])["event"] == "hello"


@pytest.mark.parametrize("exporter", ["", "file:", "otlp:", "syslog:here"])
def test_an_unknown_exporter_is_refused_with_the_known_ones(exporter: str) -> None:
    with pytest.raises(Malformed) as refused:
        setup("test", exporter)
    assert "otlp:<address>" in (refused.value.remedy or "")


def test_a_further_key_is_allowed_by_name_and_form_only(tmp_path: Path) -> None:
    telemetry = setup("test", f"file:{tmp_path}", allow={"retries": int})
    telemetry.log.info("done", retries=3)
    telemetry.log.info("done", retries=SELECTOR)
    telemetry.shutdown()
    first, second = _lines(tmp_path / "log.jsonl")
    assert first["retries"] == 3
    assert second["dropped"] == 1
