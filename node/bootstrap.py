"""Puts a node together from its home: the only place that knows all parts.

`Parts` opens the database and serves nobody: what `join` and offline commands work with. `NodeApp`
serves peers and operators and runs the workers; tests start it inside their own process. A start-up
check refuses to run when another distribution owns one of the four import names.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from importlib import metadata
from pathlib import Path

import grpc

from comity.errors import ComityError, Conflict
from comity.identifiers import broker_spiffe, node_spiffe
from comity.roster import TrustedRoster
from comity.transport.folder import Leaf
from comity.transport.pki import KeyPair
from comity.transport.server import OPTIONS, PeerServer, build_server
from comity.transport.telemetry import Telemetry, setup
from comity.v1 import operator_pb2_grpc
from node.adapters.home import FileKeys, Home, identity
from node.adapters.store import SqlStore
from node.adapters.vault import SealedVault
from node.adapters.world import SystemClock, system_chance
from node.gateways.peers import Channels, GrpcMailbox, GrpcPeers
from node.rpc.operators import OperatorService
from node.rpc.peers import register
from node.service import clocks, egress, federation, feeds, housekeeping, mail, outgoing, publish, witnessing
from node.service.context import Node

IMPORT_NAMES = ("comity", "policy", "broker", "node")
LEAF_DAYS = 7
MAIL_WAIT = 20


def check_import_names() -> None:
    """Conflict when another distribution has installed one of our import names."""
    owners = metadata.packages_distributions()
    for name in IMPORT_NAMES:
        others = set(owners.get(name, ())) - {"comity"}
        if others:
            raise Conflict(
                f"the import name {name!r} belongs to {', '.join(sorted(others))} here",
                code="import-name",
                remedy="install Comity into an environment of its own",
            )


class Parts:
    """A node's parts, not serving."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.home = Home(folder)
        self.settings = self.home.settings(dict(os.environ if environment is None else environment))
        self.telemetry = self._telemetry()
        self.clock = SystemClock()
        self.store = SqlStore(self.home.database_url(self.settings))
        self.store.migrate()
        self.leaf = Leaf(self.home, self.home.authority, identity(self.settings), timedelta(days=LEAF_DAYS))
        self.channels = Channels(self._roster, self.credentials, self.telemetry)
        vault = SealedVault(self.home.secret("keys/kek.key"), clock=self.clock, chance=system_chance)
        self.node = Node(
            settings=self.settings,
            clock=self.clock,
            chance=system_chance,
            store=self.store,
            vault=vault,
            keys=FileKeys(self.home),
            peers=GrpcPeers(self.channels),
            mailbox=GrpcMailbox(self.channels),
        )

    def credentials(self) -> KeyPair:
        """The node's certificate of this moment."""
        return self.leaf.at(self.clock.now())

    def trusted(self) -> dict[str, bytes]:
        """SPIFFE identity to authority, as the roster has it now."""
        roster = self._roster()
        teams = {node_spiffe(roster.federation, m.team): m.authority_pem for m in roster.members}
        brokers = {broker_spiffe(roster.federation, b.broker): b.authority_pem for b in roster.brokers}
        return {**teams, **brokers}

    def close(self) -> None:
        """Gives database, channels and telemetry back."""
        self.channels.close()
        self.store.close()
        self.telemetry.shutdown()

    def _roster(self) -> TrustedRoster:
        with self.store.read() as session:
            return self.node.roster(session)

    def _telemetry(self) -> Telemetry:
        kind = self.settings.telemetry
        return setup("comity-node", f"file:{self.home.folder / 'telemetry'}" if kind == "file" else kind)


class Worker:
    """Runs one duty again and again, at its interval or when it is woken; errors are logged, not fatal."""

    def __init__(self, name: str, duty: Callable[[], object], seconds: float, telemetry: Telemetry) -> None:
        self._name, self._duty, self._seconds, self._log = name, duty, seconds, telemetry.log
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Runs the duty soon."""
        self._wake.set()

    def stop(self) -> None:
        """Ends after the duty that runs."""
        self._stop.set()
        self._wake.set()

    def join(self, seconds: float) -> None:
        """Waits for the end."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self._duty()
            except ComityError as error:
                self._log.warning("a duty could not be done", stage=self._name, code=error.code)
            except Exception as error:  # noqa: BLE001 - a worker outlives what it meets
                self._log.error("a duty failed", stage=self._name, error=type(error).__name__)
            self._wake.wait(self._seconds)


class NodeApp:
    """A node that serves, until it is stopped."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        check_import_names()
        self._stack = ExitStack()
        try:
            home = Home(folder)
            self._stack.enter_context(home.lock())
            self.parts = Parts(folder, environment)
            self._stack.callback(self.parts.close)
            self.parts.trusted()  # refuses to serve before `join`
            self.server = self._peer_server()
            self.operators = self._operator_server()
        except BaseException:
            self._stack.close()
            raise
        self.workers = self._workers()
        self.parts.node.wake = self._wake

    def start(self) -> None:
        """Serves; the file `ready` appears."""
        self.server.start()
        self.operators.start()
        for worker in self.workers.values():
            worker.start()
        ready = {"pid": os.getpid(), "port": self.server.port, "team": self.parts.settings.team}
        self.parts.home.write("ready", json.dumps(ready).encode() + b"\n")
        self.parts.telemetry.log.info("node serves", team=self.parts.settings.team, port=self.server.port)

    def stop(self, grace: float = 3.0) -> None:
        """Takes no new calls, ends the workers, and returns when the rest is done."""
        self.parts.home.remove("ready")
        for worker in self.workers.values():
            worker.stop()
        self.operators.stop(grace).wait()
        self.server.stop(grace)
        for worker in self.workers.values():
            worker.join(grace)
        self.parts.telemetry.log.info("node stopped", team=self.parts.settings.team)
        self._stack.close()

    def _peer_server(self) -> PeerServer:
        parts = self.parts
        return build_server(
            lambda server: register(server, parts.node),
            address=parts.settings.listen,
            credentials=parts.credentials,
            trusted=parts.trusted,
            telemetry=parts.telemetry,
        )

    def _operator_server(self) -> grpc.Server:
        socket = self.parts.home.socket
        socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        socket.unlink(missing_ok=True)
        options = [each for each in OPTIONS if "message_length" not in each[0]]
        server = grpc.server(
            ThreadPoolExecutor(8, thread_name_prefix="operator"),
            options=[*options, ("grpc.max_receive_message_length", 128 * 1_048_576)],
        )
        service = OperatorService(self.parts.node, self.parts.telemetry)
        operator_pb2_grpc.add_OperatorServiceServicer_to_server(service, server)
        before = os.umask(0o177)
        try:
            server.add_insecure_port(f"unix:{socket}")
        finally:
            os.umask(before)
        return server

    def _workers(self) -> dict[str, Worker]:
        node, settings, telemetry = self.parts.node, self.parts.settings, self.parts.telemetry
        duties: dict[str, tuple[Callable[[], object], float]] = {
            "outbox": (lambda: outgoing.drain(node), 0.25),
            "release": (lambda: egress.release_due(node), 0.25),
            "mail": (lambda: mail.fetch(node, MAIL_WAIT), 0.25),
            "pull": (lambda: feeds.pull_all(node), settings.pull_seconds),
            "witness": (lambda: witnessing.gather(node), settings.witness_seconds),
            "deadlines": (lambda: clocks.watch(node), 60.0),
            "canary": (lambda: egress.canary(node), settings.canary_seconds),
            "sweep": (self._housekeeping, 3600.0),
        }
        return {name: Worker(name, duty, every, telemetry) for name, (duty, every) in duties.items()}

    def _housekeeping(self) -> None:
        """Expiry, then feeds again: what expired, or what the law no longer permits today, leaves them."""
        node = self.parts.node
        housekeeping.sweep(node)
        housekeeping.warn_of_ends(node)
        with node.store.read() as session:
            if not federation.has_keys(session):
                return
        for _ in publish.publish(node):
            pass

    def _wake(self, what: str) -> None:
        worker = self.workers.get({"publish-due": "sweep"}.get(what, what))
        if worker is not None:
            worker.wake()
