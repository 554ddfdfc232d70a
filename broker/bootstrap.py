"""Puts a broker together from its home: the only place that knows all parts.

`BrokerApp` can be started and stopped inside another process, which the tests do; the command line
adds signals and the ready line.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc

from broker import settings as settings_file
from broker.home import Home
from broker.rpc.services import MailboxService, RosterService, WitnessService
from broker.service.mailbox import Mailboxes
from broker.service.roster import RosterBook
from broker.service.witness import WitnessBook
from broker.settings import Settings
from broker.store.database import Database
from comity.errors import ComityError, Conflict
from comity.identifiers import Identity
from comity.roster import TrustedRoster
from comity.transport.folder import Leaf
from comity.transport.pki import KeyPair
from comity.transport.server import PeerServer, build_server
from comity.transport.telemetry import Telemetry, setup
from comity.v1 import broker_pb2_grpc, log_pb2_grpc, roster_pb2_grpc
from comity.v1.envelope_pb2 import Envelope


def now() -> datetime:
    """The broker's clock."""
    return datetime.now(UTC)


class Parts:
    """A broker's parts, not serving: what `join` and `status` work with."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        self.home = Home(folder)
        self.settings: Settings = settings_file.load(folder)
        self.identity = Identity(self.settings.federation, "broker", self.settings.broker)
        self.database = Database(database_url or self.settings.database_url(folder))
        self.database.migrate()
        self.rosters = RosterBook(self.database, now)
        self.leaf = Leaf(
            self.home, self.home.authority(), self.identity, timedelta(days=self.settings.certificate_days)
        )
        self.boxes = Mailboxes(
            self.database,
            quotas=self.settings.quotas,
            is_member=self.rosters.is_member,
            clock=now,
            keep=timedelta(days=self.settings.keep_days),
        )
        self.witness = WitnessBook(
            self.database,
            broker=self.settings.broker,
            signer=self.home.witness(),
            rosters=self.rosters,
            clock=now,
        )

    def join(self, envelope: Envelope, fingerprint: str | None) -> TrustedRoster:
        """Pins or follows the roster, when it lists this very broker."""
        return self.rosters.join(envelope, fingerprint, self._check_listed)

    def credentials(self) -> KeyPair:
        """The broker's certificate of this moment."""
        return self.leaf.at(now())

    def close(self) -> None:
        """Gives the database back."""
        self.database.close()

    def _check_listed(self, roster: TrustedRoster) -> None:
        if roster.federation != self.settings.federation:
            raise Conflict("The roster is another federation's.", code="other-federation", field="federation")
        mine = self.home.card(
            broker=self.settings.broker, name=self.settings.name, address=self.settings.address
        )
        listed = [each for each in roster.brokers if each.broker == self.settings.broker]
        if not listed or (listed[0].witness_key, listed[0].authority_pem) != (
            mine.witness_key,
            mine.authority_pem,
        ):
            raise Conflict(
                "The roster does not list this broker with its own keys.",
                code="not-listed",
                field="brokers",
                remedy="Hand the .broker file to whoever composes the roster.",
            )


class BrokerApp:
    """A broker that serves, until it is stopped."""

    def __init__(self, folder: Path, *, database_url: str | None = None, listen: str | None = None) -> None:
        self._stack = ExitStack()
        try:
            self.parts = Parts(folder, database_url)
            self._stack.callback(self.parts.close)
            self._stack.enter_context(self.parts.home.lock())
            self.parts.rosters.current()
            self.telemetry = setup("comity-broker", self.parts.settings.telemetry)
            self._stack.callback(self.telemetry.shutdown)
            self.server = self._server(listen or self.parts.settings.listen_on)
        except BaseException:
            self._stack.close()
            raise
        self._sweeper = Sweeper(self.parts.boxes, self.parts.settings.sweep_seconds, self.telemetry)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self.server.port

    def start(self) -> None:
        """Serves; the file `ready` appears."""
        self.server.start()
        self._sweeper.start()
        ready = {"pid": os.getpid(), "port": self.port, "broker": self.parts.settings.broker}
        self.parts.home.write("ready", json.dumps(ready).encode() + b"\n")
        self.telemetry.log.info("broker serves", broker=self.parts.settings.broker, port=self.port)

    def stop(self, grace: float = 5.0) -> None:
        """Takes no new calls, ends waiting streams, and returns when the rest is done."""
        self.parts.home.remove("ready")
        self.parts.boxes.bell.close()
        self._sweeper.stop()
        self.server.stop(grace)
        self.telemetry.log.info("broker stopped", broker=self.parts.settings.broker)
        self._stack.close()

    def _server(self, listen: str) -> PeerServer:
        parts = self.parts

        def register(server: grpc.Server) -> None:
            mailbox = MailboxService(parts.boxes, parts.rosters)
            broker_pb2_grpc.add_MailboxServiceServicer_to_server(mailbox, server)
            roster_pb2_grpc.add_RosterServiceServicer_to_server(RosterService(parts.rosters), server)
            log_pb2_grpc.add_WitnessServiceServicer_to_server(WitnessService(parts.witness), server)

        return build_server(
            register,
            address=listen,
            credentials=parts.credentials,
            trusted=parts.rosters.trusted,
            telemetry=self.telemetry,
            clock=now,
            max_threads=parts.settings.threads,
        )


class Sweeper:
    """Erases old mail on a timer; a failure is logged and tried again."""

    def __init__(self, boxes: Mailboxes, seconds: float, telemetry: Telemetry) -> None:
        self._boxes, self._seconds, self._log = boxes, seconds, telemetry.log
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Sweeps now and then on."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the sweep that runs, if one does."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                erased = self._boxes.sweep()
                self._log.info("old mail erased", count=erased)
            except ComityError as error:
                self._log.error("old mail could not be erased", code=error.code)
            self._stop.wait(self._seconds)
