"""What the store keeps of a line, and what the policy is told: legal properties, never values.

The stored facts use the policy's own words, so that a decision replayed years later reads the same
facts. A fact that nobody stated is absent here and `None` there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from comity.selector import KINDS
from comity.v1.roster_pb2 import MemberClass
from node.flow.intake import DataItem, SelectorLine
from policy import Item, Offence, Party

_ITEM_WORDS = {field.name for field in fields(Item)} - {"id"}
_CLASSES = {
    MemberClass.MEMBER_CLASS_MEMBER_STATE: ("member_state", "SPOC"),
    MemberClass.MEMBER_CLASS_ASSOCIATED_STATE: ("associated_state", "SPOC"),
    MemberClass.MEMBER_CLASS_EU_BODY: ("eu_body", "EUROPOL"),
    MemberClass.MEMBER_CLASS_THIRD_STATE: ("third_state", "LEA"),
    MemberClass.MEMBER_CLASS_PRIVATE: ("private", "NGO"),
}


def party(team: str, state: str, member_class: MemberClass.ValueType) -> Party:
    """A member of the roster as the policy knows it."""
    kind, authority = _CLASSES[member_class]
    return Party(team=team, state=state.lower() or "eu", kind=kind, authority=authority)


def line_facts(line: SelectorLine, team_state: str) -> dict[str, Any]:
    """The facts of a selector line that are stored in clear and put to the policy."""
    stated = {
        "kind": line.kind,
        "category": KINDS[line.kind].annex,
        "subject_category": line.subject_category,
        "child": line.child,
        "special": line.special,
        "origin_state": line.origin_state.lower() or team_state.lower(),
        "origin_consent": line.origin_consent,
        "handling": line.handling,
        "handling_note": _restriction(line),
        "evaluation": line.evaluation.code or None,
        "assessment": line.assessment,
        "retention_until": line.expiry.isoformat() if line.expiry else None,
        "safe_house": line.safe_house,
        "source": line.source,
        "special_basis": line.special_basis,
        "strictly_necessary": line.strictly_necessary,
        "defect": line.defect,
        "judicial": line.judicial,
        "exposes": line.exposes,
        "held": line.held or "direct",
        "personal": True,
        # Facts of the binding to a case, not of the item.
        "legal_basis": line.legal_basis,
        "offence": line.offence,
        "crime_area": line.crime_area,
        "exploitation": list(line.exploitation),
        "pap": line.pap,
        "case": line.case_reference is not None,
        "suspected_false": line.evaluation.suspected_false or None,
    }
    return _plain(stated)


def _restriction(line: SelectorLine) -> str | None:
    """The words of an H3 restriction, which the law asks for. Any other note stays with the officer."""
    return (line.handling_note or None) if line.handling == "H3" else None


def item_facts(item: DataItem, line: SelectorLine, team_state: str) -> dict[str, Any]:
    """The facts of one data item, with what it inherits from its line."""
    stated = {
        "kind": "information",
        "category": item.category,
        "subject_category": line.subject_category,
        "child": line.child,
        "special": item.special,
        "special_basis": item.special_basis,
        "strictly_necessary": item.strictly_necessary,
        "origin_state": item.origin_state.lower() or team_state.lower(),
        "origin_consent": item.origin_consent,
        "handling": item.handling,
        "handling_note": (line.handling_note or None) if item.handling == "H3" else None,
        "evaluation": item.evaluation.code or None,
        "assessment": item.assessment,
        "defect": item.defect,
        "retention_until": item.retention_until.isoformat() if item.retention_until else None,
        "safe_house": line.safe_house,
        "exposes": item.exposes,
        "held": item.held or "direct",
        "judicial": item.judicial,
        "source": item.source,
        "personal": True,
    }
    return _plain(stated)


def policy_item(identifier: str, facts: Mapping[str, Any], **more: Any) -> Item:
    """The policy's item of stored facts; `more` states what only the moment knows."""
    known = {name: value for name, value in facts.items() if name in _ITEM_WORDS}
    for name in ("special", "exposes"):
        if known.get(name) is not None:
            known[name] = tuple(known[name])
    if known.get("retention_until") is not None:
        known["retention_until"] = date.fromisoformat(known["retention_until"])
    return Item(id=identifier, **{**known, **more})


def policy_offence(facts: Mapping[str, Any]) -> Offence | None:
    """The offence that the record is bound to, if it is bound to one."""
    if not facts.get("offence"):
        return None
    forms = facts.get("exploitation") or []
    return Offence(code=facts["offence"], exploitation=forms[0] if forms else None)


def fact_class(facts: Mapping[str, Any]) -> str:
    """Names all records whose facts are identical (32 hex characters)."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def _plain(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in stated.items()
        if value is not None
    }
