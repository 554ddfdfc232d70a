"""Logs, traces and metrics that cannot hold personal data.

The rules:

1. A log line holds only the keys of `ALLOWED`, each with a value of the declared form; everything
   else is dropped and counted (`dropped` in the line). The event itself is a fixed phrase of
   letters: one with a digit or an at sign is replaced.
2. A span or a measurement of a call carries method, peer's team id and status code, nothing else;
   exceptions are not recorded in spans.
3. Trace ids join a program's own logs and spans. They do not cross to a peer: another nation has no
   use for knowing which of our calls belong together.
4. File exporters rotate by size (`comity.transport.rotating`).

Where it goes: "none", "console" (standard error), "file:<folder>", or "otlp:<address>" (OTLP over HTTP).
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TextIO, cast

import structlog
from opentelemetry import trace
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    ConsoleMetricExporter,
    MetricExporter,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.trace import SpanKind, Tracer

from comity.errors import Malformed
from comity.identifiers import Identity
from comity.transport.layers import Call, Layer
from comity.transport.rotating import RotatingFile

Form = re.Pattern[str] | type[int]
Line = MutableMapping[str, Any]

_PARTY = re.compile(r"[a-z][a-z0-9-]{1,31}")
_WORD = re.compile(r"[a-z][a-z-]{0,62}")
_NUMBER: Final = int
_EVENT = re.compile(r"[A-Za-z][A-Za-z ,;:'-]{0,120}")

ALLOWED: Final[Mapping[str, Form]] = {
    "peer": _PARTY,
    "team": _PARTY,
    "broker": _PARTY,
    "method": re.compile(r"[a-z0-9.]{1,64}\.[A-Za-z]{1,64}/[A-Za-z]{1,64}"),
    "status": re.compile(r"[A-Z_]{2,32}"),
    "code": _WORD,
    "error": re.compile(r"[A-Za-z_]{1,64}"),
    "reference": re.compile(r"[0-9a-f]{12}"),
    "operation": re.compile(r"[a-z][a-z._-]{0,62}"),
    "stage": _WORD,
    "state": _WORD,
    "version": re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){1,2}"),
    "port": _NUMBER,
    "duration_ms": _NUMBER,
    "bytes": _NUMBER,
    "count": _NUMBER,
    "attempts": _NUMBER,
    "epoch": _NUMBER,
    "roster": _NUMBER,
    "sequence": _NUMBER,
    "size": _NUMBER,
    "days": _NUMBER,
}
_WRITTEN_BY_US: Final = frozenset(
    {"event", "level", "timestamp", "service", "trace_id", "span_id", "dropped"}
)
_LARGEST: Final = 10**15  # no number longer than this is a measurement of ours


@dataclass(frozen=True)
class Telemetry:
    """What a program reports with. `shutdown` flushes; call it once, last."""

    tracer: Tracer
    meter: Meter
    log: structlog.typing.FilteringBoundLogger
    shutdown: Callable[[], None]


def setup(
    service_name: str,
    exporter: str = "none",
    *,
    limit: int = 10_485_760,
    interval_seconds: float = 60.0,
    allow: Mapping[str, Form] | None = None,
) -> Telemetry:
    """Telemetry for one program; nothing global is changed.

    Args:
        service_name: e.g. "comity-node"; part of every line.
        exporter: "none", "console", "file:<folder>" or "otlp:<address>".
        limit: size in bytes at which a file is rotated.
        interval_seconds: how often metrics are exported.
        allow: further log keys with their form; never a form that a selector fits.

    Raises:
        Malformed: the exporter is not one of the four.
    """
    resource = Resource({"service.name": service_name})
    sinks = _sinks(exporter, limit)
    tracing = TracerProvider(resource=resource, shutdown_on_exit=False)
    if sinks.spans is not None:
        tracing.add_span_processor(BatchSpanProcessor(sinks.spans, schedule_delay_millis=2_000))
    readers = [PeriodicExportingMetricReader(sinks.metrics, interval_seconds * 1000)] if sinks.metrics else []
    measuring = MeterProvider(metric_readers=readers, resource=resource, shutdown_on_exit=False)

    def shutdown() -> None:
        tracing.shutdown()
        measuring.shutdown()
        for file in sinks.files:
            file.close()

    log = _logger(service_name, sinks.log, {**ALLOWED, **(allow or {})})
    return Telemetry(tracing.get_tracer("comity"), measuring.get_meter("comity"), log, shutdown)


def server_layer(telemetry: Telemetry) -> Layer:
    """Server layer: one span and three measurements for each call, streams included."""
    measure = _Measures(telemetry.meter, "server")

    @contextmanager
    def layer(call: Call) -> Iterator[None]:
        started = perf_counter()
        with telemetry.tracer.start_as_current_span(
            call.method, kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            outcome = "OK"
            try:
                yield
            except GeneratorExit:
                outcome = "CANCELLED"
                raise
            except BaseException:
                outcome = call.status() or "UNKNOWN"
                raise
            finally:
                peer = getattr(call.context, "comity_caller", None)
                name = peer.name if isinstance(peer, Identity) else "unknown"
                facts = _facts(call.method, name, outcome)
                span.set_attributes(facts)
                measure(facts, started, received=len(call.raw_request), sent=call.sent_bytes)

    return layer


class ClientMeasures:
    """Spans and measurements of calls made to one peer."""

    def __init__(self, telemetry: Telemetry, peer: str) -> None:
        self._tracer = telemetry.tracer
        self._measure = _Measures(telemetry.meter, "client")
        self._peer = peer

    def begin(self, method: str) -> Callable[[str, int, int], None]:
        """Starts a call; the function returned ends it with status name, bytes sent and received."""
        started = perf_counter()
        span = self._tracer.start_span(method, kind=SpanKind.CLIENT, record_exception=False)

        def end(status: str, sent: int, received: int) -> None:
            facts = _facts(method, self._peer, status)
            self._measure(facts, started, received=received, sent=sent)
            span.set_attributes(facts)
            span.end()

        return end


class _Measures:
    def __init__(self, meter: Meter, side: str) -> None:
        self._calls = meter.create_counter(f"comity.{side}.calls", unit="{call}")
        self._duration = meter.create_histogram(f"comity.{side}.duration", unit="s")
        self._bytes = meter.create_counter(f"comity.{side}.bytes", unit="By")

    def __call__(self, facts: dict[str, str], started: float, *, received: int, sent: int) -> None:
        self._calls.add(1, facts)
        self._duration.record(perf_counter() - started, facts)
        self._bytes.add(received, facts | {"direction": "received"})
        self._bytes.add(sent, facts | {"direction": "sent"})


def _facts(method: str, peer: str, status: str) -> dict[str, str]:
    """All that a span or a measurement of a call may say."""
    return {"rpc.method": method, "comity.peer": peer, "rpc.status": status}


def redacted(
    allowed: Mapping[str, Form],
) -> Callable[[Any, str, Line], Line]:
    """A structlog processor that lets only allow-listed keys with values of their form pass."""

    def process(_: Any, __: str, line: Line) -> Line:
        kept = {key: value for key, value in line.items() if _fits(key, value, allowed)}
        if len(kept) < len(line):
            kept["dropped"] = len(line) - len(kept)
        kept.setdefault("event", "event text withheld")
        return kept

    return process


def _fits(key: str, value: object, allowed: Mapping[str, Form]) -> bool:
    if key == "event":
        return isinstance(value, str) and _EVENT.fullmatch(value) is not None
    if key in _WRITTEN_BY_US:
        return True
    form = allowed.get(key)
    if form is None:
        return False
    if isinstance(form, re.Pattern):
        return isinstance(value, str) and form.fullmatch(value) is not None
    return isinstance(value, int | float) and abs(value) < _LARGEST


def _joined(_: Any, __: str, line: Line) -> Line:
    """Adds the ids of the span that is current, when there is one."""
    at = trace.get_current_span().get_span_context()
    if at.is_valid:
        line["trace_id"], line["span_id"] = f"{at.trace_id:032x}", f"{at.span_id:016x}"
    return line


def _logger(
    service: str, out: TextIO | None, allowed: Mapping[str, Form]
) -> structlog.typing.FilteringBoundLogger:
    def named(_: Any, __: str, line: Line) -> Line:
        line["service"] = service
        return line

    def silent(_: Any, __: str, line: Line) -> Line:
        if out is None:
            raise structlog.DropEvent
        return line

    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(out),
        processors=[
            silent,
            redacted(allowed),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            named,
            _joined,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    return logger


@dataclass(frozen=True)
class _Sinks:
    spans: SpanExporter | None = None
    metrics: MetricExporter | None = None
    log: TextIO | None = None
    files: Sequence[RotatingFile] = ()


def _sinks(exporter: str, limit: int) -> _Sinks:
    kind, _, where = exporter.partition(":")
    if kind == "none":
        return _Sinks()
    if kind == "console":
        return _Sinks(_writing(sys.stderr), _measuring(sys.stderr), sys.stderr)
    if kind == "file" and where:
        files = [RotatingFile(Path(where) / f"{n}.jsonl", limit=limit) for n in ("traces", "metrics", "log")]
        traces, metrics, log = (cast(TextIO, file) for file in files)
        return _Sinks(_writing(traces), _measuring(metrics), log, files)
    if kind == "otlp" and where:
        return _Sinks(*_otlp(where), sys.stderr)
    raise Malformed(
        "The telemetry exporter is not known.",
        field="telemetry",
        remedy='Use "none", "console", "file:<folder>" or "otlp:<address>".',
    )


def _writing(out: TextIO) -> SpanExporter:
    return ConsoleSpanExporter(out=out, formatter=lambda span: span.to_json(indent=None) + "\n")


def _measuring(out: TextIO) -> MetricExporter:
    return ConsoleMetricExporter(out=out, formatter=lambda data: data.to_json(indent=None) + "\n")


def _otlp(address: str) -> tuple[SpanExporter, MetricExporter]:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    base = address.rstrip("/")
    return OTLPSpanExporter(endpoint=f"{base}/v1/traces"), OTLPMetricExporter(endpoint=f"{base}/v1/metrics")
