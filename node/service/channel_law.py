"""What the law says to opening a channel and to what goes into it, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from comity.errors import Forbidden, NotFound
from node.flow.facts import party, policy_item, policy_offence
from node.records import Channel, Hit
from node.service.context import Node
from node.service.deciding import records_of
from node.service.gate import PURPOSE
from node.service.rooms import LEGAL_BASIS, Room
from policy import Action, Item, Proposal, decide
from policy import Hit as HitFacts


def judge_opening(session: Session, node: Node, hit: Hit, towards: str | None = None) -> None:
    """Forbidden, in the words of the law, unless a channel may be opened with that team on this hit."""
    roster = node.roster(session)
    us, them = roster.team(node.team), roster.team(towards or hit.peer)
    records = records_of(session, hit.id)
    decision = decide(
        Proposal(
            action=Action.OPEN_CHANNEL,
            now=node.now(),
            provider=party(us.team, us.state, us.member_class),
            requester=party(them.team, them.state, them.member_class),
            case_reference=next((record.case_id for record in records if record.case_id), None),
            legal_basis=LEGAL_BASIS,
            purpose=PURPOSE,
            offence=policy_offence(records[0].facts) if records else None,
            hit=HitFacts(id=hit.id, reviewed=True, automated_measure=False),
            channel="pre-jit",
            national=node.settings.state.lower() or None,
        )
    )
    if not decision.permitted:
        raise Forbidden(
            _words(decision.act), code=decision.act.ground, field="hit", remedy=decision.act.way_out
        )


def judge_sharing(
    session: Session, node: Node, room: Room, kind: str, *, personal: bool, handling: str = "H0"
) -> None:
    """Every member who would read it is judged; one denial keeps it out for all."""
    roster = node.roster(session)
    us = roster.team(node.team)
    row = session.get(Channel, room.channel)
    records = records_of(session, row.hits[0]) if row and row.hits else []
    first = records[0].facts if records else {}
    for team in sorted(room.log.members - {node.team}):
        them = roster.team(team)
        item = (
            _personal_item(kind, us.state, first, handling)
            if personal
            else Item(id="shared", kind=kind, personal=False, handling=handling or "H0")
        )
        decision = decide(
            Proposal(
                action=Action.SHARE,
                now=node.now(),
                provider=party(us.team, us.state, us.member_class),
                requester=party(them.team, them.state, them.member_class),
                items=(item,),
                case_reference=room.channel,
                legal_basis=LEGAL_BASIS,
                purpose=PURPOSE,
                offence=policy_offence(first or {"offence": "thb"}),
                channel="pre-jit",
                hit=HitFacts(
                    id=row.hits[0] if row and row.hits else "", reviewed=True, automated_measure=False
                ),
                national=node.settings.state.lower() or None,
            )
        )
        if not decision.permitted:
            raise Forbidden(
                _words(decision.act), code=decision.act.ground, field=kind, remedy=decision.act.way_out
            )


def _personal_item(kind: str, state: str, facts: Mapping[str, Any], handling: str) -> Item:
    """What an officer said is about a person, with the facts of the record behind the channel's hit."""
    return policy_item(
        "shared", {**facts, "kind": kind, "origin_state": state.lower(), "handling": handling or "H0"}
    )


def _words(item: Any) -> str:
    said = [f"{f.sentence} ({f.cites})" for f in item.findings if str(f.effect) in ("deny", "ask")]
    return said[0] if said else "the law does not permit this"


def hit_of(session: Session, name: str) -> Hit:
    """A hit by its id; NotFound names the way to the list."""
    hit = session.get(Hit, name)
    if hit is None:
        raise NotFound("there is no such hit", field="hit", remedy="comity-node hits")
    return hit
