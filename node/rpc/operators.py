"""The operators' socket: operations by name, JSON in, JSON out, with progress on the way.

Whoever can open the socket is the node's operator; what the law reserves to officers needs their
signatures, which are checked behind this door like everywhere else.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import grpc

from comity.errors import ComityError
from comity.transport.telemetry import Telemetry
from comity.v1 import operator_pb2, operator_pb2_grpc
from node.service import operations
from node.service.context import Node


class OperatorService(operator_pb2_grpc.OperatorServiceServicer):
    """Runs one operation a call."""

    def __init__(self, node: Node, telemetry: Telemetry) -> None:
        self._node, self._telemetry = node, telemetry

    def Run(  # noqa: N802 - gRPC's name
        self, request: operator_pb2.RunRequest, _context: grpc.ServicerContext
    ) -> Iterator[operator_pb2.RunResponse]:
        """Progress messages, then a result or an error in words; never a traceback."""
        name = request.operation
        try:
            # No exception goes into a span: its text may hold what a person typed.
            span = self._telemetry.tracer.start_as_current_span(
                f"operator {_known(name)}", record_exception=False, set_status_on_exception=False
            )
            with span:
                for piece in operations.run(self._node, name, json.loads(request.arguments or b"{}")):
                    if "result" in piece:
                        yield operator_pb2.RunResponse(result=_json(piece["result"]))
                    else:
                        yield operator_pb2.RunResponse(progress=_json(piece))
        except ComityError as error:
            yield operator_pb2.RunResponse(error=_json({**error.as_dict(), "kind": type(error).__name__}))
        except Exception as error:  # noqa: BLE001 - the border to a person: no traceback
            reference = secrets.token_hex(6)
            self._telemetry.log.error("operation failed", error=type(error).__name__, reference=reference)
            words = {"code": "internal", "message": f"internal error, reference {reference}"}
            yield operator_pb2.RunResponse(
                error=_json({**words, "field": None, "remedy": "see the node's log"})
            )


def _known(name: str) -> str:
    return name if name in operations.names() else "unknown"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode()
