"""Mailbox, roster and witness over gRPC. The caller is who the transport proved; nobody else is believed."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
from google.protobuf.message import DecodeError

from broker.service.mailbox import Mailboxes
from broker.service.roster import RosterBook
from broker.service.witness import WitnessBook
from broker.store.tables import Mail
from comity.errors import Corrupt, Forbidden, NotFound
from comity.identifiers import Identity
from comity.transport.deadlines import remaining
from comity.transport.identity import caller
from comity.v1 import broker_pb2, broker_pb2_grpc, log_pb2, log_pb2_grpc, roster_pb2, roster_pb2_grpc
from comity.v1.envelope_pb2 import SealedBox

SPARE_SECONDS = 0.25  # of the caller's deadline, to end a stream in good order


class MailboxService(broker_pb2_grpc.MailboxServiceServicer):
    """See docs/protocol/broker.md."""

    def __init__(self, boxes: Mailboxes, rosters: RosterBook) -> None:
        self._boxes, self._rosters = boxes, rosters

    def Put(  # noqa: N802 - gRPC's name
        self, request: broker_pb2.PutRequest, context: grpc.ServicerContext
    ) -> broker_pb2.PutResponse:
        """Accepts one sealed mail for another team."""
        sealed = request.sealed.SerializeToString(deterministic=True)
        duplicate = self._boxes.put(
            sender=self._team(context), recipient=request.recipient, mail=request.mail, sealed=sealed
        )
        return broker_pb2.PutResponse(duplicate=duplicate)

    def Fetch(  # noqa: N802
        self, request: broker_pb2.FetchRequest, context: grpc.ServicerContext
    ) -> Iterator[broker_pb2.FetchResponse]:
        """Streams the caller's mail after a cursor, and what comes in while it waits."""
        team = self._team(context)
        context.add_callback(lambda: self._boxes.bell.ring(team))
        seconds = min(request.wait_seconds, max(0.0, (remaining() or 0.0) - SPARE_SECONDS))
        for mail in self._boxes.follow(
            team, after=request.after, seconds=seconds, gone=lambda: not context.is_active()
        ):
            yield _mail(mail)

    def Acknowledge(  # noqa: N802
        self, request: broker_pb2.AcknowledgeRequest, context: grpc.ServicerContext
    ) -> broker_pb2.AcknowledgeResponse:
        """Erases the caller's mail up to a cursor."""
        erased = self._boxes.acknowledge(self._team(context), request.through)
        return broker_pb2.AcknowledgeResponse(erased=erased)

    def _team(self, context: grpc.ServicerContext) -> str:
        """The calling team, in a roster whose time is not over."""
        self._rosters.in_time()
        return _team_of(caller(context))


class RosterService(roster_pb2_grpc.RosterServiceServicer):
    """Hands out the signed roster; key sets are asked of members."""

    def __init__(self, rosters: RosterBook) -> None:
        self._rosters = rosters

    def GetRoster(  # noqa: N802
        self, request: roster_pb2.GetRosterRequest, context: grpc.ServicerContext
    ) -> roster_pb2.GetRosterResponse:
        """The newest roster, or one former version, as it was signed."""
        caller(context)
        return roster_pb2.GetRosterResponse(roster=self._rosters.envelope(request.version))

    def GetKeySet(  # noqa: N802
        self,
        request: roster_pb2.GetKeySetRequest,  # noqa: ARG002
        context: grpc.ServicerContext,
    ) -> roster_pb2.GetKeySetResponse:
        """Never: a broker keeps no key set."""
        caller(context)
        raise NotFound("A broker keeps no key sets.", code="no-key-sets", remedy="Ask a member.")


class WitnessService(log_pb2_grpc.WitnessServiceServicer):
    """Cosigns checkpoints (C2SP tlog-witness)."""

    def __init__(self, book: WitnessBook) -> None:
        self._book = book

    def AddCheckpoint(  # noqa: N802
        self, request: log_pb2.AddCheckpointRequest, context: grpc.ServicerContext
    ) -> log_pb2.AddCheckpointResponse:
        """A cosignature, or the size from which the caller has to prove."""
        caller(context)
        answer = self._book.add(
            old_size=request.old_size, consistency=list(request.consistency), note=request.note
        )
        if isinstance(answer, int):
            return log_pb2.AddCheckpointResponse(known_size=answer)
        return log_pb2.AddCheckpointResponse(cosignature=answer)


def _team_of(identity: Identity) -> str:
    if identity.role != "team":
        raise Forbidden("Only teams have mailboxes.", code="not-a-team")
    return identity.name


def _mail(row: Mail) -> broker_pb2.FetchResponse:
    try:
        sealed = SealedBox.FromString(row.sealed)
    except DecodeError:
        raise Corrupt("A stored mail is damaged.", code="mail-damaged") from None
    return broker_pb2.FetchResponse(
        sequence=row.sequence,
        sender=row.sender,
        mail=row.mail,
        sealed=sealed,
        received_at_ms=row.received_at_ms,
    )
