"""What peers may call. The caller is who the transport proved; the work is the services'."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
from sqlmodel import col, select

from comity.envelope import parse_envelope
from comity.errors import Forbidden, NotFound
from comity.transport.identity import caller
from comity.v1 import (
    delivery_pb2,
    delivery_pb2_grpc,
    feed_pb2,
    feed_pb2_grpc,
    log_pb2,
    log_pb2_grpc,
    pseudonym_pb2,
    pseudonym_pb2_grpc,
    roster_pb2,
    roster_pb2_grpc,
)
from node.records import KeySetRow, RosterRow
from node.service import answering, incoming, publish, witnessing
from node.service.context import Node


def team_of(context: grpc.ServicerContext) -> str:
    """The calling team; brokers have no business here."""
    identity = caller(context)
    if identity.role != "team":
        raise Forbidden("only a team's node may call this", field="caller")
    return identity.name


class PseudonymService(pseudonym_pb2_grpc.PseudonymServiceServicer):
    """Evaluates blinded batches under this node's share."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def Evaluate(  # noqa: N802 - gRPC's name
        self, request: pseudonym_pb2.EvaluateRequest, context: grpc.ServicerContext
    ) -> pseudonym_pb2.EvaluateResponse:
        """One batch."""
        answer = answering.evaluate(self._node, request.envelope, caller=team_of(context))
        return pseudonym_pb2.EvaluateResponse(envelope=answer)

    def Audit(  # noqa: N802
        self, request: pseudonym_pb2.AuditRequest, context: grpc.ServicerContext
    ) -> pseudonym_pb2.AuditResponse:
        """One audit element."""
        answer = answering.audit(self._node, request.envelope, caller=team_of(context))
        return pseudonym_pb2.AuditResponse(envelope=answer)


class FeedService(feed_pb2_grpc.FeedServiceServicer):
    """Serves this node's feed to the audience that calls."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def Pull(  # noqa: N802
        self, request: feed_pb2.PullRequest, context: grpc.ServicerContext
    ) -> Iterator[feed_pb2.PullResponse]:
        """From a cursor on, ending with the head."""
        yield from publish.serve(self._node, team_of(context), request.after, request.digest)


class DeliveryService(delivery_pb2_grpc.DeliveryServiceServicer):
    """Takes signed statements."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def Deliver(  # noqa: N802
        self, request: delivery_pb2.DeliverRequest, context: grpc.ServicerContext
    ) -> delivery_pb2.DeliverResponse:
        """One statement, once."""
        digest, duplicate = incoming.accept(self._node, request.envelope, caller=team_of(context))
        return delivery_pb2.DeliverResponse(digest=digest, duplicate=duplicate)


class RosterService(roster_pb2_grpc.RosterServiceServicer):
    """Hands out the roster and the key sets that this node trusts."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def GetRoster(  # noqa: N802
        self, request: roster_pb2.GetRosterRequest, context: grpc.ServicerContext
    ) -> roster_pb2.GetRosterResponse:
        """One version, or the newest."""
        team_of(context)
        with self._node.store.read() as session:
            query = select(RosterRow).order_by(col(RosterRow.version).desc())
            row = session.exec(
                query.where(RosterRow.version == request.version) if request.version else query
            ).first()
        if row is None:
            raise NotFound("there is no such roster version here", field="version")
        return roster_pb2.GetRosterResponse(roster=parse_envelope(row.envelope))

    def GetKeySet(  # noqa: N802
        self, request: roster_pb2.GetKeySetRequest, context: grpc.ServicerContext
    ) -> roster_pb2.GetKeySetResponse:
        """One epoch, or the newest."""
        team_of(context)
        with self._node.store.read() as session:
            query = select(KeySetRow).order_by(col(KeySetRow.epoch).desc())
            row = session.exec(
                query.where(KeySetRow.epoch == request.epoch) if request.epoch else query
            ).first()
        if row is None:
            raise NotFound("there is no such key set here", field="epoch")
        return roster_pb2.GetKeySetResponse(key_set=parse_envelope(row.envelope))


class LogService(log_pb2_grpc.LogServiceServicer):
    """Shows the newest checkpoint of this node's log."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def GetCheckpoint(  # noqa: N802
        self, _request: log_pb2.GetCheckpointRequest, context: grpc.ServicerContext
    ) -> log_pb2.GetCheckpointResponse:
        """The signed note, with its cosignatures."""
        team_of(context)
        return log_pb2.GetCheckpointResponse(note=witnessing.newest_note(self._node))


class WitnessService(log_pb2_grpc.WitnessServiceServicer):
    """Cosigns peers' checkpoints."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def AddCheckpoint(  # noqa: N802
        self, request: log_pb2.AddCheckpointRequest, context: grpc.ServicerContext
    ) -> log_pb2.AddCheckpointResponse:
        """One checkpoint."""
        return witnessing.add_checkpoint(self._node, request, caller=team_of(context))


def register(server: grpc.Server, node: Node) -> None:
    """Adds all services of the peer interface."""
    pseudonym_pb2_grpc.add_PseudonymServiceServicer_to_server(PseudonymService(node), server)
    feed_pb2_grpc.add_FeedServiceServicer_to_server(FeedService(node), server)
    delivery_pb2_grpc.add_DeliveryServiceServicer_to_server(DeliveryService(node), server)
    roster_pb2_grpc.add_RosterServiceServicer_to_server(RosterService(node), server)
    log_pb2_grpc.add_LogServiceServicer_to_server(LogService(node), server)
    log_pb2_grpc.add_WitnessServiceServicer_to_server(WitnessService(node), server)
