"""A node that answers from a script, at the socket where the real one would listen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

from comity.v1 import operator_pb2, operator_pb2_grpc
from node.adapters.home import Home

Pieces = list[dict[str, Any]]


class Script(operator_pb2_grpc.OperatorServiceServicer):
    """A node that answers from a script and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Pieces] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def Run(  # noqa: N802 - gRPC's name
        self, request: operator_pb2.RunRequest, _context: grpc.ServicerContext
    ) -> Iterator[operator_pb2.RunResponse]:
        self.asked.append((request.operation, json.loads(request.arguments)))
        for piece in self.answers.get(request.operation, [{"result": None}]):
            ((kind, value),) = piece.items()
            yield operator_pb2.RunResponse(**{kind: json.dumps(value).encode()})


def serve(script: Script, home: Path) -> grpc.Server:
    """Listens at the operators' socket of a home."""
    server = grpc.server(ThreadPoolExecutor(2))
    operator_pb2_grpc.add_OperatorServiceServicer_to_server(script, server)
    server.add_insecure_port(f"unix:{Home(home).socket}")
    server.start()
    return server
