"""The one mapping between the errors of the protocol and gRPC status, in both directions.

What survives the wire: kind, code, message, field and remedy. What is lost: the Python traceback and
any chained cause. The details travel as `google.rpc.Status` in `grpc-status-details-bin`: an
`ErrorInfo` (reason = code, metadata = kind and remedy) and, when a field is at fault, a `BadRequest`.

Anything that is not a `ComityError` crosses the wire as INTERNAL with a reference and nothing of its
text. What a peer sends back is clipped and stripped of control characters before it becomes an error
here: a peer can choose the words, never the form.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NoReturn, cast

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]

from comity import errors
from comity.errors import ComityError
from comity.transport.layers import Call, Layer

DOMAIN = "comity"
DETAILS_KEY = "grpc-status-details-bin"
MAX_TEXT = 500  # characters taken from a peer's message or remedy

_KINDS: Final[dict[type[ComityError], grpc.StatusCode]] = {
    errors.Malformed: grpc.StatusCode.INVALID_ARGUMENT,
    errors.Unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    errors.Forbidden: grpc.StatusCode.PERMISSION_DENIED,
    errors.NotFound: grpc.StatusCode.NOT_FOUND,
    errors.Conflict: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Exhausted: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
    errors.Expired: grpc.StatusCode.OUT_OF_RANGE,
    errors.Corrupt: grpc.StatusCode.DATA_LOSS,
}
_BY_STATUS: Final = {status: kind for kind, status in _KINDS.items()} | {
    grpc.StatusCode.ABORTED: errors.Conflict,
    grpc.StatusCode.ALREADY_EXISTS: errors.Conflict,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.Unavailable,
    grpc.StatusCode.CANCELLED: errors.Unavailable,
}
_CODE = re.compile(r"[a-z][a-z0-9-]{0,62}")
_FIELD = re.compile(r"[a-zA-Z0-9_.\[\]-]{1,128}")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\u1fff\u2010-\u2027\u2030-\ufefe]")


class RemoteFailure(ComityError):
    """A peer failed in a way that it does not explain; its words hold a reference to its own log."""

    default_code = "internal"


def status_of(error: ComityError) -> grpc.StatusCode:
    """The gRPC status of an error; INTERNAL for kinds that the wire does not know."""
    for kind in type(error).__mro__:
        if kind in _KINDS:
            return _KINDS[kind]
    return grpc.StatusCode.INTERNAL


def to_status(error: ComityError) -> status_pb2.Status:
    """The error as `google.rpc.Status` with its details."""
    info = error_details_pb2.ErrorInfo(reason=error.code, domain=DOMAIN)
    if error.remedy:
        info.metadata["remedy"] = error.remedy
    details = [_packed(info)]
    if error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(field=error.field, description=error.message)
        details.append(_packed(error_details_pb2.BadRequest(field_violations=[violation])))
    number: int = status_of(error).value[0]
    return status_pb2.Status(code=number, message=error.message, details=details)


def abort(context: grpc.ServicerContext, error: ComityError) -> NoReturn:
    """End the call with the error; never returns.

    `abort_with_status` is not used: tracing tools record it as OK.
    """
    status = to_status(error)
    context.set_trailing_metadata(((DETAILS_KEY, status.SerializeToString()),))
    context.abort(status_of(error), error.message)
    raise AssertionError("abort raises")


def guarded(report: Callable[[str, str], None]) -> Layer:
    """Server layer: a `ComityError` ends the call in its own words, anything else as INTERNAL.

    `report(class name, reference)` is all that is kept of an unexpected exception: its text may hold
    what nobody may read in a log.
    """

    @contextmanager
    def layer(call: Call) -> Iterator[None]:
        try:
            yield
        except ComityError as error:
            abort(call.context, error)
        except Exception as error:
            if call.status() is not None:  # the handler has aborted already
                raise
            reference = secrets.token_hex(6)
            report(type(error).__name__, reference)
            abort(call.context, RemoteFailure(f"internal error, reference {reference}"))

    return layer


def from_rpc_error(error: grpc.RpcError, peer: str) -> ComityError:
    """What a failed call means to the caller; `peer` is how a person knows the other side.

    Never raises: details that do not parse are ignored, and the bare status decides.
    """
    status = status_code(error)
    message = _clean(cast(Any, error).details() or "") if hasattr(error, "details") else ""
    detailed = _details(error)
    if detailed is None:
        return _bare(status, message, peer)
    info, field = detailed
    kind = _BY_STATUS.get(status, RemoteFailure)
    code = info.reason if _CODE.fullmatch(info.reason) else kind.default_code
    remedy = _clean(info.metadata.get("remedy", "")) or None
    return kind(message or "The peer refused without words.", code=code, field=field, remedy=remedy)


def status_code(error: grpc.RpcError) -> grpc.StatusCode:
    """The status of a failed call; UNKNOWN when it has none that gRPC names."""
    code = cast(Any, error).code() if hasattr(error, "code") else None
    return code if isinstance(code, grpc.StatusCode) else grpc.StatusCode.UNKNOWN


def _bare(status: grpc.StatusCode, message: str, peer: str) -> ComityError:
    """An error that no handler worded: the connection, gRPC itself or an unexpected exception."""
    if status is grpc.StatusCode.UNAVAILABLE and "CERTIFICATE" in message:
        return errors.Unavailable(
            f"The {peer} did not prove who it is with a certificate of its own authority.",
            code="handshake",
            remedy="Check the address, and that the roster lists that authority.",
        )
    if status is grpc.StatusCode.UNAVAILABLE:
        return errors.Unavailable(
            f"The {peer} cannot be reached.",
            code="unreachable",
            remedy="Check its address, that it runs, and that both rosters list each other.",
        )
    if status is grpc.StatusCode.DEADLINE_EXCEEDED:
        return errors.Unavailable(f"The {peer} did not answer in time.", code="deadline", remedy="Try again.")
    if status is grpc.StatusCode.CANCELLED:
        return errors.Unavailable(f"The call to the {peer} was cancelled.", code="cancelled")
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return errors.NotFound(
            f"The {peer} does not know this call.",
            code="unimplemented",
            remedy="It may run an older version.",
        )
    if status is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return errors.Exhausted(
            f"The {peer} is busy, or a message is longer than 4 MiB.", remedy="Try again later."
        )
    kind = _BY_STATUS.get(status, RemoteFailure)
    return kind(f"The {peer} failed: {message or status.name.lower()}")


def _details(error: grpc.RpcError) -> tuple[error_details_pb2.ErrorInfo, str | None] | None:
    """The comity `ErrorInfo` and field that a handler sent, or None."""
    metadata = cast(Any, error).trailing_metadata() if hasattr(error, "trailing_metadata") else None
    raw = dict(metadata or ()).get(DETAILS_KEY)
    if not isinstance(raw, bytes):
        return None
    try:
        status = status_pb2.Status.FromString(raw)
        found, field = None, None
        for detail in status.details:
            info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
            if detail.Unpack(info) and info.domain == DOMAIN:
                found = info
            elif detail.Unpack(bad) and bad.field_violations:
                field = bad.field_violations[0].field
    except DecodeError:  # a peer may send anything
        return None
    if found is None:
        return None
    return found, field if field and _FIELD.fullmatch(field) else None


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text[:MAX_TEXT]).strip()
