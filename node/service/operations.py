"""The operations of a node by name: what the command line asks of the running node.

Arguments are checked by their types before anything runs. Acts that need an officer carry that
officer's signature over operation and arguments, so that the log names a person and not a login.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, NamedTuple, get_type_hints

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, create_model

from comity.errors import Forbidden, Malformed, NotFound
from comity.v1 import delivery_pb2
from node.service import (
    approving,
    channel_arrivals,  # noqa: F401 - registers what takes in events
    channels,
    clocks,
    consents,
    corrections,
    deciding,
    duties,
    egress,
    federation,
    feeds,
    housekeeping,
    intake,
    leads,
    officers,
    outgoing,
    pseudonymise,
    publish,
    receiving,
    requests,
    siena,
    status,
    witnessing,
)
from node.service.context import Node

Hex16 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,31}$")]
Words = Annotated[str, StringConstraints(max_length=4000)]
ACT = b"comity act v1"
ACT_ROLES = ("R-LO", "R-CO")


class Operation(NamedTuple):
    """One operation: its function, its arguments, and whether an officer must sign the call."""

    call: Callable[..., Any]
    arguments: type[BaseModel]
    signed: bool


_OPERATIONS: dict[str, Operation] = {}


def operation(name: str, *, signed: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Registers an operation; its parameters are the arguments, `node` apart."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {
            parameter.name: (
                hints[parameter.name],
                ... if parameter.default is parameter.empty else parameter.default,
            )
            for parameter in inspect.signature(function).parameters.values()
            if parameter.name != "node"
        }
        model = create_model(f"Arguments of {name}", __config__=ConfigDict(extra="forbid"), **fields)
        _OPERATIONS[name] = Operation(function, model, signed)
        return function

    return register


def names() -> Iterable[str]:
    """All operations."""
    return _OPERATIONS.keys()


def act_digest(name: str, arguments: Mapping[str, Any]) -> bytes:
    """What an officer signs to do `name` with these arguments (32 bytes)."""
    text = json.dumps(arguments, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(ACT + len(name).to_bytes(2, "big") + name.encode() + text.encode()).digest()


def run(node: Node, name: str, arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Runs one operation: progress pieces, then one piece with the key `result`."""
    found = _OPERATIONS.get(name)
    if found is None:
        raise NotFound(f"this node has no operation {name!r}", field="operation")
    given = dict(arguments)
    if found.signed:
        given["officer"] = _officer(node, name, given)
    try:
        checked = found.arguments.model_validate(given)
    except ValidationError as error:
        raise _worded(error) from None
    answer = found.call(node, **{name: getattr(checked, name) for name in type(checked).model_fields})
    if inspect.isgenerator(answer):
        yield from answer
    else:
        yield {"result": answer}


def _officer(node: Node, name: str, given: dict[str, Any]) -> str:
    try:
        signed = delivery_pb2.OfficerSignature.FromString(bytes.fromhex(given.pop("signature")))
    except (KeyError, ValueError, TypeError):
        raise Forbidden(
            "this act needs an officer's signature", field="signature", remedy="give --key OFFICER.key"
        ) from None
    if signed.role not in ACT_ROLES:
        raise Forbidden("a case officer or a liaison officer does this", field="role")
    with node.store.read() as session:
        return officers.check_own(session, node, signed, act_digest(name, given), signed.role).officer


def _worded(error: ValidationError) -> Malformed:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "string_pattern_mismatch" and "{32}" in str(first.get("ctx", {})):
        return Malformed(
            "This is not an id: ids are 32 hexadecimal digits.",
            field=field,
            remedy="copy it from the list that shows it, e.g. comity-node requests list",
        )
    return Malformed(f"{field}: {first['msg']}", field=field, remedy="see the command's --help")


def _bytes(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise Malformed("this is not base64", field=field) from None


def _signature(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Malformed("a signature is hexadecimal", field="signature") from None


@operation("import")
def _import(node: Node, name: str, data: str) -> Iterator[dict[str, Any]]:
    return intake.import_file(node, name, _bytes(data, "data"))


@operation("pseudonymise")
def _pseudonymise(node: Node) -> Iterator[dict[str, Any]]:
    return pseudonymise.pseudonymise(node)


@operation("publish")
def _publish(node: Node, pseudonymise_first: bool = True) -> Iterator[dict[str, Any]]:
    made: dict[str, Any] = {}
    if pseudonymise_first:
        for piece in pseudonymise.pseudonymise(node):
            if "result" in piece:
                made = piece["result"]
            else:
                yield piece
    for piece in publish.publish(node):
        yield {"result": {**made, **piece["result"]}} if "result" in piece else piece


@operation("pull")
def _pull(node: Node) -> dict[str, Any]:
    return feeds.pull_all(node)


@operation("drain")
def _drain(node: Node) -> dict[str, Any]:
    with node.store.write() as session:
        outgoing.retry_now(session)
    return {"sent": outgoing.drain(node)}


@operation("records")
def _records(node: Node) -> list[dict[str, Any]]:
    return corrections.records(node)


@operation("items")
def _items(node: Node, record: str) -> list[dict[str, Any]]:
    return corrections.items(node, record)


@operation("withdraw", signed=True)
def _withdraw(node: Node, record: str, reason: Words, officer: str) -> dict[str, Any]:
    return corrections.withdraw(node, record, reason, officer)


@operation("erase", signed=True)
def _erase(node: Node, record: str, reason: Words, officer: str) -> dict[str, Any]:
    return corrections.erase(node, record, reason, officer)


@operation("correct", signed=True)
def _correct(node: Node, item: str, value: Words, reason: Words, officer: str) -> dict[str, Any]:
    return corrections.correct(node, item, value, reason, officer)


@operation("recalls")
def _recalls(node: Node) -> list[dict[str, Any]]:
    with node.store.read() as session:
        return corrections.recalls(session)


@operation("hits")
def _hits(node: Node) -> list[dict[str, Any]]:
    with node.store.read() as session:
        return status.hits(session)


@operation("feedback", signed=True)
def _feedback(
    node: Node,
    hit: Hex16,
    verdict: Annotated[str, StringConstraints(pattern="^(confirmed|false)$")],
    officer: str,
) -> dict[str, Any]:
    return corrections.feedback(node, hit, verdict, officer)


@operation("requests.draft")
def _draft(node: Node, ask: requests.Ask) -> dict[str, Any]:
    return requests.draft(node, ask)


@operation("requests.send")
def _send(node: Node, ask: requests.Ask, signature: str) -> dict[str, Any]:
    return requests.send_request(node, ask, _signature(signature))


@operation("requests.list")
def _requests(node: Node) -> list[dict[str, Any]]:
    with node.store.read() as session:
        return requests.listing(session, node)


@operation("requests.show")
def _request(node: Node, request: Hex16) -> dict[str, Any]:
    with node.store.read() as session:
        shown = requests.show(session, node, request)
        return {**shown, "received": receiving.received(session, node, request)}


@operation("received")
def _received(node: Node, request: Hex16 | None = None) -> list[dict[str, Any]]:
    with node.store.read() as session:
        return receiving.received(session, node, request)


@operation("decide.sheet")
def _sheet(node: Node, request: Hex16, drop: list[str] | None = None, officer: str = "") -> dict[str, Any]:
    return approving.sheet(node, request, drop or [], reviewed_by=officer)


@operation("decide.propose")
def _propose(node: Node, request: Hex16, signature: str, drop: list[str] | None = None) -> dict[str, Any]:
    return approving.propose(node, request, drop or [], _signature(signature))


@operation("disclosures")
def _disclosures(node: Node) -> list[dict[str, Any]]:
    with node.store.read() as session:
        return approving.listing(session)


@operation("disclosures.show")
def _disclosure(node: Node, disclosure: Hex16, officer: str = "") -> dict[str, Any]:
    return approving.content(node, disclosure, officer)


@operation("approve")
def _approve(node: Node, disclosure: Hex16, signature: str) -> dict[str, Any]:
    return approving.approve(node, disclosure, _signature(signature))


@operation("take-back", signed=True)
def _take_back(node: Node, disclosure: Hex16, officer: str) -> dict[str, Any]:
    return approving.take_back(node, disclosure, officer)


@operation("refuse.sheet")
def _refusal(node: Node, request: Hex16) -> dict[str, Any]:
    return approving.refusal_sheet(node, request)


@operation("refuse")
def _refuse(node: Node, request: Hex16, signature: str) -> dict[str, Any]:
    return egress.refuse(node, request, _signature(signature))


@operation("decision")
def _decision(node: Node, decision: Hex16) -> dict[str, Any]:
    with node.store.read() as session:
        return deciding.stored_dict(session, node, decision)


@operation("siena.show", signed=True)
def _siena(node: Node, disclosure: Hex16, officer: str) -> dict[str, Any]:
    return siena.message(node, disclosure, officer)


@operation("siena.sent", signed=True)
def _siena_sent(node: Node, disclosure: Hex16, receipt: Words, officer: str) -> dict[str, Any]:
    return siena.sent(node, disclosure, receipt, officer)


@operation("words.digest")
def _words_digest(node: Node, request: Hex16, status: str, text: Words) -> dict[str, Any]:
    role = clocks.JUDGE if status in ("granted", "refused") else clocks.ROLE
    return {"digest": clocks.words_digest(request, status, text).hex(), "role": role}


@operation("clarify")
def _clarify(node: Node, request: Hex16, text: Words, signature: str) -> dict[str, Any]:
    return clocks.clarify(node, request, text, _signature(signature))


@operation("authorisation")
def _authorisation(
    node: Node, request: Hex16, state: str, signature: str, words: Words = ""
) -> dict[str, Any]:
    return clocks.authorisation(node, request, state, words, _signature(signature))


@operation("duties")
def _duties(node: Node) -> list[dict[str, Any]]:
    with node.store.read() as session:
        return duties.listing(session)


@operation("duties.done", signed=True)
def _duty_done(node: Node, number: int, how: Words, officer: str) -> dict[str, Any]:
    return duties.done(node, number, how, officer)


Use = Annotated[str, StringConstraints(pattern="^(disclose|onward|evidence|purpose|transfer)$")]


@operation("consent.draft")
def _consent_draft(
    node: Node, consent: Hex16, item: str, use: Use, recipient: Words, reason: Words
) -> dict[str, Any]:
    return consents.draft(node, consent, item, use, recipient, reason)


@operation("consent.ask")
def _consent_ask(
    node: Node, consent: Hex16, item: str, use: Use, recipient: Words, reason: Words, signature: str
) -> dict[str, Any]:
    return consents.ask(node, consent, item, use, recipient, reason, _signature(signature))


@operation("consent.digest")
def _consent_digest(
    node: Node, consent: Hex16, granted: bool, conditions: Words = "", until: datetime | None = None
) -> dict[str, Any]:
    return {
        "digest": consents.answer_digest(consent, granted, conditions, until).hex(),
        "role": consents.ROLE,
    }


@operation("consent.answer")
def _consent_answer(
    node: Node,
    consent: Hex16,
    granted: bool,
    signature: str,
    conditions: Words = "",
    until: datetime | None = None,
) -> dict[str, Any]:
    return consents.answer(node, consent, granted, conditions, until, _signature(signature))


@operation("consent.show")
def _consent_show(node: Node, consent: Hex16) -> dict[str, Any]:
    return consents.show(node, consent)


@operation("consent.list")
def _consents(node: Node) -> list[dict[str, Any]]:
    with node.store.read() as session:
        return consents.listing(session)


@operation("channel.open", signed=True)
def _channel_open(node: Node, hits: list[Hex16], title: Words, nonce: Hex16, officer: str) -> dict[str, Any]:
    return channels.open_channel(node, hits, title, officer, nonce=nonce)


@operation("channel.add", signed=True)
def _channel_add(node: Node, channel: Hex16, team: Name, reason: Words, officer: str) -> dict[str, Any]:
    return channels.add_member(node, channel, team, reason, officer)


@operation("channel.post", signed=True)
def _channel_post(
    node: Node,
    channel: Hex16,
    text: Words,
    message: Hex16,
    officer: str,
    handling: str = "H0",
    personal: bool = False,
) -> dict[str, Any]:
    return channels.post(node, channel, text, officer, handling, message, personal=personal)


@operation("channel.task", signed=True)
def _channel_task(
    node: Node, channel: Hex16, title: Words, assignee: Name, task: Hex16, officer: str, note: Words = ""
) -> dict[str, Any]:
    return channels.add_task(node, channel, title, assignee, officer, note, task)


@operation("channel.move", signed=True)
def _channel_move(
    node: Node, channel: Hex16, task: Hex16, to: str, officer: str, note: Words = ""
) -> dict[str, Any]:
    return channels.move_task(node, channel, task, to, officer, note)


@operation("channel.file", signed=True)
def _channel_file(
    node: Node,
    channel: Hex16,
    name: str,
    data: str,
    file: Hex16,
    officer: str,
    handling: str = "H0",
    note: Words = "",
    personal: bool = False,
) -> dict[str, Any]:
    content = _bytes(data, "data")
    return channels.add_file(node, channel, name, content, officer, handling, note, file, personal=personal)


@operation("channel.fetch")
def _channel_fetch(node: Node, channel: Hex16, file: Hex16) -> dict[str, Any]:
    name, data = channels.fetch_file(node, channel, file)
    return {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "data": base64.b64encode(data).decode()}


@operation("channel.close", signed=True)
def _channel_close(node: Node, channel: Hex16, reason: Words, officer: str) -> dict[str, Any]:
    return channels.close(node, channel, reason, officer)


@operation("channel.show")
def _channel_show(node: Node, channel: Hex16) -> dict[str, Any]:
    return channels.show(node, channel)


@operation("channel.list")
def _channels(node: Node) -> list[dict[str, Any]]:
    return channels.listing(node)


@operation("roster.show")
def _roster(node: Node) -> dict[str, Any]:
    return federation.show(node)


@operation("roster.follow")
def _follow(node: Node, roster: str) -> dict[str, Any]:
    return federation.join(node, _bytes(roster, "roster"), None)


@operation("keys.generate")
def _generate(node: Node) -> dict[str, Any]:
    return federation.generate_keys(node)


@operation("keys.show")
def _keys(node: Node) -> dict[str, Any]:
    return federation.keys(node)


@operation("keys.abandon")
def _abandon(node: Node, ceremony: Hex16) -> dict[str, Any]:
    return federation.abandon_keys(node, ceremony)


@operation("officer.enrol")
def _enrol(node: Node, certificate: str) -> dict[str, Any]:
    return officers.enrol(node, _bytes(certificate, "certificate"))


@operation("officer.revoke")
def _revoke(node: Node, name: str) -> dict[str, Any]:
    return officers.revoke(node, name)


@operation("officer.list")
def _officers(node: Node) -> list[dict[str, Any]]:
    with node.store.read() as session:
        return officers.listing(session)


@operation("officer.certificate")
def _certificate(node: Node, name: str) -> dict[str, Any]:
    with node.store.read() as session:
        return {"certificate": base64.b64encode(officers.certificate_of(session, name)).decode()}


@operation("log.verify")
def _log_verify(node: Node) -> dict[str, Any]:
    return witnessing.verify(node)


@operation("log.witness")
def _log_witness(node: Node) -> dict[str, Any]:
    return {"witnesses": witnessing.gather(node)}


@operation("log.export")
def _log_export(node: Node, subject: str, content: bool = False) -> dict[str, Any]:
    bundle = witnessing.export(node, subject, with_content=content)
    return {"bundle": base64.b64encode(bundle).decode()}


@operation("log.list")
def _log_list(node: Node, last: int = 50) -> list[dict[str, Any]]:
    return witnessing.listing(node, last)


@operation("status")
def _status(node: Node) -> dict[str, Any]:
    return status.status(node)


@operation("doctor")
def _doctor(node: Node, peer: Name) -> dict[str, Any]:
    return status.doctor(node, peer)


@operation("alarms.close")
def _close_alarm(node: Node, number: int) -> dict[str, Any]:
    return status.close_alarm(node, number)


@operation("canary")
def _canary(node: Node) -> dict[str, Any]:
    return egress.canary(node)


@operation("unlock", signed=True)
def _unlock(node: Node, officer: str) -> dict[str, Any]:
    return {**egress.unlock(node), "officer": officer}


@operation("sweep")
def _sweep(node: Node) -> dict[str, Any]:
    return housekeeping.sweep(node)


@operation("lead.submit")
def _lead(node: Node, to: Name, kind: str, value: Words, lead: Hex16, note: Words = "") -> dict[str, Any]:
    return leads.submit(node, to, kind, value, note, lead)


@operation("lead.list")
def _leads(node: Node) -> list[dict[str, Any]]:
    return leads.listing(node)
