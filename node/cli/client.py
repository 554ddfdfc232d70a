"""The running node, as a command sees it: operations by name over the node's own socket.

The rules:

* The node process is the only one that opens its database; everything else asks it here.
* What a node refuses arrives as the `ComityError` that it raised, with code, field and remedy.
* An officer's key never crosses the socket: the client signs the digest of an act, and the signature goes.
* Every operation is repeatable: with the same ids a second call changes nothing, so `retry_seconds` is safe.

Left to others: what an operation means (`node.service.operations`), and showing its answer.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import grpc

from comity import errors
from comity.envelope import parse_envelope
from comity.errors import ComityError, Forbidden, Unavailable
from comity.officer import approve
from comity.officer_key import OfficerKey
from comity.transport.errors import status_code
from comity.v1.envelope_pb2 import Envelope
from comity.v1.operator_pb2 import RunRequest, RunResponse
from comity.v1.operator_pb2_grpc import OperatorServiceStub
from comity.v1.roster_pb2 import OfficerCertificate

ACT = b"comity act v1"
ACT_ROLES = ("R-LO", "R-CO")
PAUSE = 0.2  # seconds between two tries
_OPTIONS = [
    ("grpc.max_receive_message_length", 128 * 1_048_576),
    ("grpc.max_send_message_length", 128 * 1_048_576),
    ("grpc.use_local_subchannel_pool", 1),  # a new try is a new connection
]
_KINDS: dict[str, type[ComityError]] = {
    kind.__name__: kind
    for kind in (
        errors.Malformed,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Exhausted,
        errors.Unavailable,
        errors.Expired,
        errors.Corrupt,
    )
}
_BY_CODE = {kind.default_code: kind for kind in _KINDS.values()} | dict.fromkeys(
    ("unreachable", "handshake", "deadline", "cancelled"), errors.Unavailable
)

Progress = Callable[[dict[str, Any]], None]


class NodeClient:
    """The node that serves from one home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def call(
        self,
        operation: str,
        /,
        *,
        progress: Progress | None = None,
        retry_seconds: float = 0.0,
        **arguments: Any,
    ) -> Any:
        """The result of one operation.

        Args:
            operation: its name, e.g. "requests.draft".
            progress: gets each progress message: "done", "total", "what".
            retry_seconds: how long to try again while node or peer is unavailable.
            arguments: what the operation takes, as JSON values.

        Raises:
            ComityError: as the node raised it. Unavailable (`not-running`) when no node serves.
        """
        until = time.monotonic() + retry_seconds
        while True:
            try:
                return self._run(operation, arguments, progress or _ignore)
            except Unavailable:
                if time.monotonic() >= until:
                    raise
                time.sleep(PAUSE)

    def act(
        self,
        operation: str,
        key: OfficerKey,
        certificate: bytes | None = None,
        role: str | None = None,
        /,
        **arguments: Any,
    ) -> Any:
        """An operation that an officer signs. Without them, `certificate` is the enrolled one and `role`
        the first that it lists of R-LO and R-CO."""
        stated = _as_json(arguments)
        signature = self.sign(key, act_digest(operation, stated), role, certificate=certificate)
        return self.call(operation, **stated, signature=signature)

    def sign(
        self,
        key: OfficerKey,
        digest: bytes,
        role: str | None = None,
        *,
        certificate: bytes | None = None,
        among: Iterable[str] = ACT_ROLES,
    ) -> str:
        """The officer's signature over a digest, in hexadecimal, as operations take it.

        `role` is the role signed in; without it, the first role of `among` that the certificate lists.
        """
        found = parse_envelope(self.certificate(key.officer) if certificate is None else certificate)
        signed = approve(
            key.seed,
            digest,
            officer=key.officer,
            certificate=found,
            role=role or chosen_role(roles_of(found), among),
        )
        return signed.SerializeToString(deterministic=True).hex()

    def certificate(self, officer: str) -> bytes:
        """The certificate under which an officer is enrolled at this node."""
        return base64.b64decode(self.call("officer.certificate", name=officer)["certificate"])

    def _run(self, operation: str, arguments: Mapping[str, Any], progress: Progress) -> Any:
        request = RunRequest(operation=operation, arguments=json.dumps(arguments).encode())
        try:
            with grpc.insecure_channel(f"unix:{self._socket()}", options=_OPTIONS) as channel:
                for piece in OperatorServiceStub(channel).Run(request):
                    if piece.WhichOneof("outcome") == "progress":
                        progress(json.loads(piece.progress))
                    else:
                        return _outcome(piece)
        except grpc.RpcError as error:
            raise _broken(self.home, error) from None
        raise Unavailable("The node ended the call without an answer.", code="no-answer")

    def _socket(self) -> Path:
        from node.adapters.home import SETTINGS, Home

        home = Home(self.home)
        if not home.has(SETTINGS):
            raise errors.NotFound(
                "There is no node in this folder.",
                code="no-node",
                field="home",
                remedy="give its folder with --home or COMITY_HOME, or make one with `comity-node init`",
            )
        if not home.socket.exists():
            raise _not_running(self.home)
        return home.socket


def act_digest(operation: str, arguments: Mapping[str, Any]) -> bytes:
    """What an officer signs to have an operation done with these JSON arguments (32 bytes)."""
    text = json.dumps(arguments, sort_keys=True, separators=(",", ":"))
    name = operation.encode()
    return hashlib.sha256(ACT + len(name).to_bytes(2, "big") + name + text.encode()).digest()


def error_of(words: Mapping[str, Any]) -> ComityError:
    """The error that a node put into words, as the class that its kind or code names."""
    code = str(words.get("code", "error"))
    kind = _KINDS.get(str(words.get("kind"))) or _BY_CODE.get(code, ComityError)
    message = str(words.get("message", "the node failed without words"))
    return kind(message, code=code, field=words.get("field"), remedy=words.get("remedy"))


def roles_of(certificate: Envelope) -> tuple[str, ...]:
    """The roles that a certificate lists."""
    return tuple(OfficerCertificate.FromString(certificate.payload).roles)


def chosen_role(held: Iterable[str], among: Iterable[str]) -> str:
    """The first role of `among` that is held; Forbidden when none is."""
    wanted = list(among)
    for role in wanted:
        if role in held:
            return role
    raise Forbidden(
        f"This officer holds none of the roles asked for: {', '.join(wanted)}.",
        code="wrong-role",
        field="role",
        remedy="an officer with one of them has to sign",
    )


def _outcome(piece: RunResponse) -> Any:
    if piece.WhichOneof("outcome") == "error":
        raise error_of(json.loads(piece.error))
    return json.loads(piece.result)


def _broken(home: Path, error: grpc.RpcError) -> ComityError:
    code = status_code(error)
    if code is grpc.StatusCode.UNAVAILABLE:
        return _not_running(home)
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return errors.Malformed("That is more than 128 MiB.", code="too-long", remedy="split it")
    return ComityError(f"The call to the node failed: {code.name.lower()}.", code="internal")


def _not_running(home: Path) -> Unavailable:
    return Unavailable(
        "The node does not run.",
        code="not-running",
        field="home",
        remedy=f"start it with `comity-node serve --home {home}`",
    )


def _as_json(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the node will read them, so that both digest the same text."""
    stated: dict[str, Any] = json.loads(json.dumps(arguments))
    return stated


def _ignore(_piece: dict[str, Any]) -> None:
    pass
