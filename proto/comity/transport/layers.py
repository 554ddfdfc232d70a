"""What every served call passes through, as layers around the handler.

A layer is a context manager around one call: what it does before the handler runs first, outermost
layer first; what it raises reaches the layers outside it. The handler of a unary call runs inside
all layers; the iterator of a streaming one too, until its last message or until the caller goes away.

Requests are parsed inside the layers, so that bytes that are no message become `Malformed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, cast

import grpc
from google.protobuf.message import DecodeError, Message

from comity.errors import Malformed


@dataclass
class Call:
    """One served call as its layers see it."""

    method: str  # e.g. "comity.v1.MailboxService/Put"
    raw_request: bytes
    parse: Callable[[bytes], Message]
    context: grpc.ServicerContext
    sent_messages: int = 0
    sent_bytes: int = 0
    _request: Message | None = None

    def request(self) -> Message:
        """The request, parsed once.

        Raises:
            Malformed: the bytes are no message of the expected type.
        """
        if self._request is None:
            try:
                self._request = self.parse(self.raw_request)
            except DecodeError:
                raise Malformed("The request is not a message of the expected type.") from None
        return self._request

    def status(self) -> str | None:
        """Name of the status that the handler or a layer has set; None as long as nobody did."""
        code = cast(Any, self.context).code()
        return None if code is None else str(getattr(code, "name", "UNKNOWN"))

    def count(self, response: Message) -> Message:
        """Adds a response to the call's tally."""
        self.sent_messages += 1
        self.sent_bytes += response.ByteSize()
        return response


Layer = Callable[[Call], AbstractContextManager[None]]


class LayeredInterceptor(grpc.ServerInterceptor):
    """Puts the layers around each unary or server-streaming handler.

    Client-streaming calls do not occur in comity.v1 and are refused as unimplemented, so that none
    can slip past the layers.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """See `grpc.ServerInterceptor`."""
        handler = continuation(handler_call_details)
        if handler is None or handler.request_streaming:
            return None
        method = handler_call_details.method.lstrip("/")
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._streaming(method, handler), None, handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            self._unary(method, handler), None, handler.response_serializer
        )

    def _unary(self, method: str, handler: Any) -> Callable[[bytes, grpc.ServicerContext], Message]:
        def run(raw: bytes, context: grpc.ServicerContext) -> Message:
            call = Call(method, raw, handler.request_deserializer, context)
            with self._around(call):
                return call.count(handler.unary_unary(call.request(), context))
            raise AssertionError("a layer must not swallow errors")

        return run

    def _streaming(
        self, method: str, handler: Any
    ) -> Callable[[bytes, grpc.ServicerContext], Iterator[Message]]:
        def run(raw: bytes, context: grpc.ServicerContext) -> Iterator[Message]:
            call = Call(method, raw, handler.request_deserializer, context)
            with self._around(call):
                for response in handler.unary_stream(call.request(), context):
                    yield call.count(response)

        return run

    @contextmanager
    def _around(self, call: Call) -> Iterator[None]:
        with ExitStack() as stack:
            for layer in self._layers:
                stack.enter_context(layer(call))
            yield
