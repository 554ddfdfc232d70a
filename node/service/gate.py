"""The gate: one question to the law for each class of identical facts, action and audience.

Answers are stored and reused for the day, since law and expiry turn on days; what they rest on is
kept, so that a withheld selector can always be shown with its article. An error denies.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlmodel import Session, select

from comity.errors import ComityError
from node.flow.facts import fact_class, party, policy_item, policy_offence
from node.records import GateRow, SelectorRecord
from node.service.context import Node, raise_alarm
from policy import Action, Decision, ItemDecision, Outcome, PolicyError, Proposal, decide

PURPOSE = "thb"


class Verdict(NamedTuple):
    """What the gate says, in words for the team itself (never for a peer)."""

    permitted: bool
    outcome: str
    citation: str
    reason: str
    way_out: str


def verdict(session: Session, node: Node, record: SelectorRecord, action: Action, audience: str) -> Verdict:
    """Whether `action` with this record towards `audience` is permitted now."""
    day = node.now().date().isoformat()
    group = record.fact_class or fact_class(record.facts)
    query = select(GateRow).where(
        GateRow.fact_class == group,
        GateRow.action == str(action),
        GateRow.audience == audience,
        GateRow.decided_on == day,
    )
    row = session.exec(query).first()
    if row is None:
        row = _decide(session, node, record, group, action, audience, day)
    permitted = row.outcome in (Outcome.PERMIT, Outcome.PERMIT_OBL)
    return Verdict(permitted, row.outcome, row.citation, row.reason, row.way_out)


class Verdicts:
    """Verdicts of one action towards one audience, within one transaction: each class is looked up once."""

    def __init__(self, session: Session, node: Node, action: Action, audience: str) -> None:
        self._session, self._node, self._action, self._audience = session, node, action, audience
        self._known: dict[str, Verdict] = {}

    def of(self, record: SelectorRecord) -> Verdict:
        """As `verdict` says it."""
        group = record.fact_class or fact_class(record.facts)
        if group not in self._known:
            self._known[group] = verdict(self._session, self._node, record, self._action, self._audience)
        return self._known[group]


def _decide(
    session: Session,
    node: Node,
    record: SelectorRecord,
    group: str,
    action: Action,
    audience: str,
    day: str,
) -> GateRow:
    try:
        decision = decide(proposal(session, node, record, action, audience))
        row = _row(decision, decision.act)
        if decision.alarms:
            rules = ", ".join(decision.alarms)
            raise_alarm(session, node, "critical", "rule-failed", f"rules failed and denied: {rules}")
    except Exception as error:  # noqa: BLE001  whatever it is: it denies, and a person is told
        return _undecided(session, node, error)
    row.fact_class, row.action, row.audience, row.decided_on = group, str(action), audience, day
    session.add(row)
    session.flush()
    return row


def _undecided(session: Session, node: Node, error: Exception) -> GateRow:
    """A denial that is not kept: once the fault is mended, the next question is decided."""
    fault = error.message if isinstance(error, PolicyError | ComityError) else type(error).__name__
    raise_alarm(session, node, "critical", "gate-failed", f"the gate could not decide, and denied: {fault}")
    return GateRow(
        fact_class="",
        action="",
        audience="",
        decided_on="",
        outcome=Outcome.DENY,
        citation="",
        reason=f"the gate could not decide: {fault}",
        way_out="ask the operator of this node",
    )


def proposal(session: Session, node: Node, record: SelectorRecord, action: Action, audience: str) -> Proposal:
    """The facts of one record, as the law is asked about them."""
    roster = node.roster(session)
    us, them = roster.team(node.team), roster.team(audience)
    evaluate = action is Action.EVALUATE
    here = party(us.team, us.state, us.member_class)
    there = party(them.team, them.state, them.member_class)
    return Proposal(
        action=action,
        now=node.now(),
        provider=here,
        requester=here if evaluate else there,
        items=(policy_item("selector", record.facts),),
        case_reference=record.case_id or None,
        legal_basis=record.facts.get("legal_basis"),
        purpose=PURPOSE,
        offence=policy_offence(record.facts),
        selected_by=() if evaluate else None,
        national=node.settings.state.lower() or None,
    )


def _row(decision: Decision, item: ItemDecision) -> GateRow:
    stored: dict[str, Any] = decision.to_dict()
    deciding = next(
        (one for one in item.findings if one.ground_code and one.ground_code == item.ground), None
    )
    return GateRow(
        fact_class="",
        action="",
        audience="",
        decided_on="",
        outcome=str(item.outcome),
        citation=deciding.cites if deciding else "",
        reason=deciding.sentence if deciding else "",
        way_out=item.way_out,
        decision=stored,
    )
