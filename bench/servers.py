"""Compares grpc.server with a thread pool and grpc.aio on this project's own calls, over mutual TLS.

Usage: python bench/servers.py [--seconds 2] [--rounds 3]

Three servers, each in a process of its own, answer the same two calls: `Evaluate` (32,000 bytes in, 1,000
ristretto255 multiplications by libsodium, 32,000 bytes out) and `Small` (300 bytes in, 40 bytes out, like
Deliver). One client with threads calls them in turn, so that the machine's mood hits all alike; what counts
are the ratios. The mixed case measures Small while two others keep Evaluate busy: a feed must not wait
for a bulk load.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import statistics
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from time import perf_counter
from typing import Any

import grpc

from comity import group
from comity.transport import pki
from comity.transport.pki import KeyPair

SCALAR = 0x1234567890ABCDEF1234567890ABCDEF
ELEMENTS = 1_000
SERVERS = ("sync", "aio", "aio+threads")
NAME = "node.it.eu-thb"


def evaluate(request: bytes, _: object = None) -> bytes:
    """1,000 multiplications; libsodium runs without the interpreter's lock."""
    return group.multiply_each(SCALAR, request)


def small(request: bytes, _: object = None) -> bytes:
    """What accepting a statement costs at least: one hash."""
    return hashlib.sha256(request).digest() + bytes(8)


def _handlers(methods: dict[str, Callable[..., Any]]) -> grpc.GenericRpcHandler:
    handlers: dict[str, Any] = {
        name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()
    }
    return grpc.method_handlers_generic_handler("bench", handlers)


def _credentials(leaf: KeyPair, authority: bytes) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials([(leaf.key_pem, leaf.cert_pem)], authority, True)


def serve_sync(leaf: KeyPair, authority: bytes, pipe: Connection) -> None:
    """grpc.server with 32 threads."""
    server = grpc.server(ThreadPoolExecutor(32), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((_handlers({"Evaluate": evaluate, "Small": small}),))
    pipe.send(server.add_secure_port("127.0.0.1:0", _credentials(leaf, authority)))
    server.start()
    pipe.recv()
    server.stop(None).wait()


def serve_aio(leaf: KeyPair, authority: bytes, pipe: Connection, *, threads: bool) -> None:
    """grpc.aio; the evaluation in the loop, or in a thread of the default executor."""

    async def slow(request: bytes, _: object) -> bytes:
        return await asyncio.to_thread(evaluate, request) if threads else evaluate(request)

    async def quick(request: bytes, _: object) -> bytes:
        return small(request)

    async def run() -> None:
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((_handlers({"Evaluate": slow, "Small": quick}),))
        pipe.send(server.add_secure_port("127.0.0.1:0", _credentials(leaf, authority)))
        await server.start()
        await asyncio.to_thread(pipe.recv)
        await server.stop(None)

    asyncio.run(run())


class Client:
    """Calls one server from several threads."""

    def __init__(self, port: int, leaf: KeyPair, authority: bytes) -> None:
        credentials = grpc.ssl_channel_credentials(authority, leaf.key_pem, leaf.cert_pem)
        options = [("grpc.ssl_target_name_override", NAME)]
        self._channel = grpc.secure_channel(f"127.0.0.1:{port}", credentials, options)
        self._calls: dict[str, Any] = {
            name: self._channel.unary_unary(f"/bench/{name}") for name in ("Evaluate", "Small")
        }

    def timed(self, method: str, request: bytes, threads: int, seconds: float) -> list[float]:
        """Seconds of each call that `threads` callers finished in `seconds`."""
        until = perf_counter() + seconds
        taken: list[float] = []

        def caller() -> None:
            while (started := perf_counter()) < until:
                self._calls[method](request, timeout=60)
                taken.append(perf_counter() - started)

        workers = [threading.Thread(target=caller) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return taken

    def close(self) -> None:
        """Ends the connection."""
        self._channel.close()

    def mixed(self, batch: bytes, request: bytes, seconds: float) -> list[float]:
        """Small calls of one caller, while two others evaluate."""
        background = threading.Thread(target=self.timed, args=("Evaluate", batch, 2, seconds))
        background.start()
        taken = self.timed("Small", request, 1, seconds)
        background.join()
        return taken


def measure(client: Client, batch: bytes, seconds: float) -> dict[str, float]:
    """All cases on one server, once."""
    request = bytes(300)
    result: dict[str, float] = {}
    for threads in (1, 2, 8):
        result[f"evaluate/s, {threads} callers"] = (
            len(client.timed("Evaluate", batch, threads, seconds)) / seconds
        )
    for threads in (1, 8, 32):
        result[f"small/s, {threads} callers"] = (
            len(client.timed("Small", request, threads, seconds)) / seconds
        )
    taken = sorted(client.mixed(batch, request, seconds))
    result["small under evaluation, median ms"] = 1000 * statistics.median(taken)
    result["small under evaluation, 95 % ms"] = 1000 * taken[int(len(taken) * 0.95)]
    return result


def _start(kind: str, leaf: KeyPair, authority: bytes) -> tuple[Any, Connection, int]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    target = serve_sync if kind == "sync" else serve_aio
    extra = {} if kind == "sync" else {"threads": kind == "aio+threads"}
    process = multiprocessing.get_context("spawn").Process(
        target=target, args=(leaf, authority, theirs), kwargs=extra
    )
    process.start()
    return process, ours, ours.recv()


def main() -> None:
    """Prints one JSON object: case to median of each server and ratio to the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    now = datetime.now(UTC)
    authority = pki.make_authority("bench", now)
    leaf = pki.issue_leaf(*authority, spiffe="spiffe://eu-thb/team/it/node", dns=NAME, now=now)
    batch = group.hash_to_group(b"bench", b"bench") * ELEMENTS
    running = {kind: _start(kind, leaf, authority.cert_pem) for kind in SERVERS}
    clients = {kind: Client(port, leaf, authority.cert_pem) for kind, (_, _, port) in running.items()}
    rounds: dict[str, list[dict[str, float]]] = {kind: [] for kind in SERVERS}
    for _ in range(arguments.rounds):
        for kind in SERVERS:
            rounds[kind].append(measure(clients[kind], batch, arguments.seconds))
    for client in clients.values():
        client.close()
    for process, pipe, _ in running.values():
        pipe.send(None)
        process.join()
    print(json.dumps(_summary(rounds), indent=2))


def _summary(rounds: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    cases = rounds["sync"][0]
    table: dict[str, dict[str, float]] = {}
    for case in cases:
        medians = {kind: statistics.median(each[case] for each in rounds[kind]) for kind in SERVERS}
        ratios = {f"{kind} : sync": medians[kind] / medians["sync"] for kind in SERVERS[1:]}
        table[case] = {key: round(value, 3) for key, value in (medians | ratios).items()}
    return table


if __name__ == "__main__":
    main()
