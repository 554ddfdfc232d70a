"""Requests after a hit: judged by the requester's law, decided and answered by the provider's officers.

A case officer proposes, other officers approve; what needs a role that the team does not have is left out.
"""

from __future__ import annotations

from typing import Any

from comity.errors import ComityError
from node.cli.demo.nation import Nation
from node.cli.demo.stage import Stage, find_hit
from node.cli.demo.story import Inquiry
from node.cli.demo.waiting import StepFailed

FINAL = ("released", "stopped", "taken-back")
LIAISON = "R-LO"


def ask_and_answer(stage: Stage) -> None:
    """Every request of the story, from the hit to the receipt."""
    stage.tell.step("Requests and answers: each nation's law decides, named officers sign")
    if not stage.story.inquiries:
        stage.tell.say("The story has no requests: this step is left out.")
    for inquiry in stage.story.inquiries:
        stage.tell.say("")
        _play(stage, inquiry)


def _play(stage: Stage, inquiry: Inquiry) -> None:
    requester, provider = stage.federation[inquiry.source], stage.federation[inquiry.to]
    stage.tell.say(
        f"“{inquiry.id}”: {inquiry.officer} ({requester.id}) asks {provider.id}; the hit: {inquiry.kind}."
    )
    report = {"id": inquiry.id, "from": requester.id, "to": provider.id, "kind": inquiry.kind}
    stage.report.requests.append(report)
    hit = find_hit(requester, provider.id, inquiry.kind, inquiry.shared_by)
    if hit is None:
        report["state"] = "no-hit"
        stage.tell.say("There is no such hit, so there is nothing to ask.")
        return
    request = stage.name("request", inquiry.id)
    report |= {"request": request, "hit": hit}
    requester.act("feedback", inquiry.reviewed_by, hit=hit, verdict="confirmed")
    ask = inquiry.stated(request, hit)
    if not _send(stage, requester, inquiry, ask, report):
        return
    arrived = stage.until(lambda: _request(provider, request), "the request arrives", node=provider.id)
    report |= {"urgency": inquiry.urgency_ground or "none", "deadline": arrived["deadline"]}
    stage.tell.say(f"It is due by {arrived['due_at']} ({arrived['deadline']}).")
    _answer(stage, inquiry, provider, request)
    answered = stage.until(lambda: _answered(requester, request), "the answer arrives", node=requester.id)
    _report_answer(stage, requester, report, answered)


def _send(
    stage: Stage, requester: Nation, inquiry: Inquiry, ask: dict[str, Any], report: dict[str, Any]
) -> bool:
    """Drafts, and sends what our own law lets out; the gate is tried also with what it does not."""
    draft = requester.ask("requests.draft", ask=ask)
    signature = requester.sign(inquiry.officer, draft["digest"], draft["role"])
    if draft["permitted"]:
        requester.ask("requests.send", ask=ask, signature=signature)
        return True
    try:
        requester.ask("requests.send", ask=ask, signature=signature)
    except ComityError as error:
        report |= {
            "state": "refused-by-own-law",
            "code": error.code,
            "missing": draft["missing"],
            "reasons": draft["reasons"],
            "way_out": draft["way_out"],
        }
        reasons = "; ".join(draft["reasons"])
        stage.tell.say(f"The law of {requester.id} itself does not let this out: {reasons}")
        stage.tell.say(f"Missing: {', '.join(draft['missing']) or 'nothing'}. Way out: {draft['way_out']}")
        return False
    raise StepFailed("A request that our law refuses was sent.", field=requester.id)


def _request(nation: Nation, request: str) -> dict[str, Any] | None:
    rows: list[dict[str, Any]] = nation.ask("requests.list")
    return next((row for row in rows if row["request"] == request), None)


def _answered(nation: Nation, request: str) -> dict[str, Any] | None:
    row = _request(nation, request)
    return nation.ask("requests.show", request=request) if row and row["state"] != "open" else None


def _answer(stage: Stage, inquiry: Inquiry, provider: Nation, request: str) -> None:
    proposer = inquiry.provider_officer
    sheet, dropped = _sheet(provider, request, proposer)
    _report_decision(stage, inquiry, provider, sheet)
    if not sheet["leaves"]:
        _refuse(stage, provider, inquiry, request)
        return
    role = provider.desk(proposer).role
    proposed = provider.ask(
        "decide.propose",
        request=request,
        drop=dropped,
        signature=provider.sign(proposer, sheet["digest"], role),
    )
    signers = _signers(provider, proposed["roles"], proposer, inquiry.provider_approver)
    for needed, officer in signers.items():
        signature = provider.sign(officer, proposed["digest"], needed)
        provider.ask("approve", disclosure=proposed["disclosure"], signature=signature)
    said = ", ".join(f"{officer} ({needed})" for needed, officer in signers.items())
    stage.tell.say(f"{proposer} proposes; signed with keys of their own: {said}.")
    released = stage.until(
        lambda: _final(provider, proposed["disclosure"]), "the release takes place", node=provider.id
    )
    if released["state"] != "released":
        raise StepFailed(f"The disclosure was {released['state']}.", field=provider.id)
    if released["route"] == "siena":
        _by_siena(stage, provider, inquiry, released)
    _await_receipt(stage, inquiry, provider, released)


def _sheet(provider: Nation, request: str, officer: str) -> tuple[dict[str, Any], list[str]]:
    """The decision sheet without the items that need a role which nobody here has."""
    first = provider.ask("decide.sheet", request=request, drop=[], officer=officer)
    held = {role for name, desk in provider.desks.items() if name != officer for role in desk.roles}
    if set(first["roles"]) <= held:
        return first, []
    items = provider.ask("decision", decision=first["decision"])["items"]
    out = sorted(item["item"] for item in first["leaves"] if not set(items[item["item"]]["roles"]) <= held)
    return provider.ask("decide.sheet", request=request, drop=out, officer=officer), out


def _signers(provider: Nation, roles: list[str], proposer: str, approver: str) -> dict[str, str]:
    """A different officer for each role, none of them the proposer."""
    chosen: dict[str, str] = {}
    for role in sorted(roles, key=lambda each: each != LIAISON):
        besides = frozenset({proposer, *chosen.values()})
        officer = provider.officer_with(role, besides=besides, first=approver if role == LIAISON else "")
        if officer is None:
            raise StepFailed(
                f"Nobody is left to sign as {role}.",
                field=provider.id,
                remedy=f"give the team another officer with {role} in story.toml",
            )
        chosen[role] = officer
    return chosen


def _final(provider: Nation, disclosure: str) -> dict[str, Any] | None:
    shown: dict[str, Any] = provider.ask("disclosures.show", disclosure=disclosure)
    return shown if shown["state"] in FINAL else None


def _refuse(stage: Stage, provider: Nation, inquiry: Inquiry, request: str) -> None:
    sheet = provider.ask("refuse.sheet", request=request)
    signature = provider.sign(inquiry.provider_approver, sheet["digest"], sheet["role"])
    provider.ask("refuse", request=request, signature=signature)
    stage.tell.say(f"Nothing may leave: {inquiry.provider_approver} signs the refusal.")


def _by_siena(stage: Stage, provider: Nation, inquiry: Inquiry, released: dict[str, Any]) -> None:
    """Article 13(1): the content goes by SIENA; Comity prepares the message and keeps its receipt."""
    disclosure, officer = released["disclosure"], inquiry.provider_approver
    message = provider.act("siena.show", officer, disclosure=disclosure)
    receipt = f"EXAMPLE-{stage.name('siena', inquiry.id)[:12].upper()}"
    provider.act("siena.sent", officer, disclosure=disclosure, receipt=receipt)
    stage.tell.say(
        f"SIENA carries it: message {message['reference']} with {len(message['entities'])} items is "
        f"prepared, sent by {officer}, receipt {receipt} recorded."
    )


def _await_receipt(stage: Stage, inquiry: Inquiry, provider: Nation, released: dict[str, Any]) -> None:
    disclosure = released["disclosure"]

    def receipted() -> dict[str, Any] | None:
        shown: dict[str, Any] = provider.ask("disclosures.show", disclosure=disclosure)
        return shown if shown["receipt_at"] else None

    shown = stage.until(receipted, "the signed receipt arrives", node=provider.id)
    stage.report.disclosures.append(
        {
            "request": inquiry.id,
            "disclosure": disclosure,
            "from": provider.id,
            "to": inquiry.source,
            "route": shown["route"],
            "state": shown["state"],
            "proposer": shown["proposer"],
            "approved_by": [f"{each['officer']} ({each['role']})" for each in shown["approvals"]],
            "siena_reference": shown["siena_reference"],
            "receipt": shown["receipt_at"] is not None,
        }
    )


def _report_decision(stage: Stage, inquiry: Inquiry, provider: Nation, sheet: dict[str, Any]) -> None:
    leaves = ("category", "label", "handling", "article")
    stays = ("category", "label", "article", "reason", "way_out")
    decision = {
        "request": inquiry.id,
        "provider": provider.id,
        "decision": sheet["decision"],
        "outcome": sheet["outcome"],
        "route": sheet["route"],
        "roles": sheet["roles"],
        "leaves": _plain(sheet["leaves"], leaves),
        "stays": _plain(sheet["stays"], stays),
        "requester_reads": sorted(sheet["requester_reads"], key=str),
    }
    stage.report.decisions.append(decision)
    rows = [{"": "leaves", **each, "reason": "", "way out": ""} for each in decision["leaves"]]
    rows += [
        {
            "": "stays",
            "category": each["category"],
            "label": each["label"],
            "handling": "",
            "article": each["article"],
            "reason": each["reason"],
            "way out": each["way_out"],
        }
        for each in decision["stays"]
    ]
    stage.tell.table(rows)


def _plain(items: list[dict[str, Any]], columns: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = [{name: item[name] for name in columns} for item in items]
    return sorted(rows, key=lambda row: tuple(str(value) for value in row.values()))


def _report_answer(stage: Stage, requester: Nation, report: dict[str, Any], shown: dict[str, Any]) -> None:
    answer = shown["answer"]
    received = requester.ask("received", request=shown["request"])
    report |= {
        "state": shown["state"],
        "route": answer["route"],
        "approved_by": answer["approved_by"],
        "refused": sorted(answer["refused"], key=str),
        "received": sorted(
            ({"category": each["category"], "conditions": each["conditions"]} for each in received), key=str
        ),
    }
    words = {
        "comity": f"{len(received)} items arrive sealed, each with its conditions; the receipt is signed.",
        "siena": f"the reference {answer['siena_reference']} arrives; the receipt is signed.",
        "none": "the refusal arrives with its grounds.",
    }
    stage.tell.say(f"{requester.id}: {words[answer['route']]}")
    for each in answer["refused"]:
        stage.tell.say(f"  not given, {each['category']}: {each['ground']} Way out: {each['way_out']}")
    conditions = {_words(each["conditions"]) for each in received}
    for each in sorted(conditions):
        stage.tell.say(f"  condition: {each}")


def _words(conditions: dict[str, Any]) -> str:
    onward = "may be passed on" if conditions["onward"] else "not to be passed on"
    use = "may be evidence" if conditions["evidence_use"] else "not as evidence"
    return (
        f"{conditions['handling']}, for {conditions['purpose']}, from {conditions['origin']}, {onward}, "
        f"{use}, to be erased by {conditions['retention_until']}"
    )
