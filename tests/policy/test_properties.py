"""Properties of the law as a whole: what holds whatever the facts."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy import (
    Action,
    Decision,
    Hit,
    Law,
    Offence,
    Outcome,
    Party,
    Proposal,
    decide,
    replay,
    rules,
)
from policy.cases import base, change
from policy.codec import proposal_from, proposal_to

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FEW = settings(max_examples=200, deadline=None)
WIDTH = {Outcome.DENY: 0, Outcome.APPROVE: 1, Outcome.PERMIT_OBL: 2, Outcome.PERMIT: 2}
"""How far an outcome opens. An obligation does not narrow what may be known, so both permits are alike."""

TRUTH = (None, True, False)
PARTIES: dict[str, dict[str, Any]] = {
    "it": {"team": "it", "state": "it", "kind": "member_state", "authority": "SPOC"},
    "ro": {"team": "ro", "state": "ro", "kind": "member_state", "authority": "LEA"},
    "home": {"team": "nl2", "state": "nl", "kind": "member_state", "authority": "LEA"},
    "uk": {"team": "uk", "state": "gb", "kind": "third_state", "authority": "LEA"},
    "ministry": {"team": "uk", "state": "gb", "kind": "third_state", "authority": "OTHER"},
    "xx": {"team": "xx", "state": "xx", "kind": "third_state", "authority": "LEA"},
    "europol": {"team": "europol", "state": "eu", "kind": "eu_body", "authority": "EUROPOL"},
    "ngo": {"team": "harbour", "state": "nl", "kind": "private", "authority": "NGO"},
    "host": {"team": "host", "state": "us", "kind": "private", "authority": "COMPANY"},
    "nobody": {"team": "who"},
}
ITEM: dict[str, tuple[Any, ...]] = {
    "kind": (None, "phone", "address", "iban", "traffic_data", "subscriber", "bank_statement", "message"),
    "category": (None, "2(h)", "2(a)(xiv)", "2(b)", "2(e)(i)", "9(z)"),
    "subject_category": (
        None,
        "victim",
        "witness",
        "informant",
        "contact",
        "missing",
        "unknown",
        "convicted",
    ),
    "child": (None, "yes", "presumed"),
    "special": (None, ["health"], ["sex_life", "health"]),
    "special_basis": (None, "law", "made_public_by_other"),
    "strictly_necessary": TRUTH,
    "origin_state": (None, "ro", "gb", "xx"),
    "origin_consent": TRUTH,
    "handling": (None, "H1", "H2", "H3", "H9"),
    "handling_note": ("Call first.",),
    "evaluation": (None, "X4", "3E", "1A", "nonsense"),
    "assessment": (None, True),
    "defect": (None, "outdated", "contested"),
    "retention_until": (None, "2026-11-22"),
    "needed_as_evidence": TRUTH,
    "safe_house": TRUTH,
    "exposes": (None, ["undercover"], ["my boss"]),
    "held": (None, "indirect", "coercive", "nowhere"),
    "judicial": (None, "granted", "refused", "pending"),
    "needs_judicial": TRUTH,
    "source": (None, "fiu", "jit", "europol_analysis"),
    "from_hit": TRUTH,
    "personal": TRUTH,
    "verified_upload": TRUTH,
}
REST: dict[str, tuple[Any, ...]] = {
    "action": tuple(str(one) for one in Action),
    "requester": tuple(PARTIES.values()),
    "provider": (PARTIES["uk"], PARTIES["ngo"], PARTIES["it"]),
    "case_reference": (None, ""),
    "legal_basis": (None,),
    "purpose": (None, "tax"),
    "offence": (None, {"code": "theft"}, {"code": "illegal-stay"}, {"code": "unheard-of"}, {"code": "drugs"}),
    "hit": (None, {"id": "h"}, {"id": "h", "reviewed": True}, {"id": "h", "automated_measure": True}),
    "request": (None,),
    "jit": (None, {"signed": True}, {"signed": True, "members": ["nl"], "until": "2027-01-01"}),
    "channel": (None, "pre-jit", "jit"),
    "transfer": (
        None,
        {},
        {"safeguards": "assessed"},
        {"safeguards": "binding", "instrument": "treaty"},
        {"derogation": "vital_interests"},
        {"derogation": "individual_case", "rights_override": True},
        {"threat_no_time": True},
    ),
    "referral": (None, {}, {"agreed": True, "support_organisation": True}),
    "danger": TRUTH,
    "correction": TRUTH,
    "selected_by": (None, [], ["nationality"]),
    "refuse_on": (["political"], ["6.1.f.i"]),
    "waive": (["6.1.g.i", "6.1.g.ii"],),
    "national": (None, "nl", "it", "ro", "exercise", "misspelt"),
}
REQUEST: dict[str, tuple[Any, ...]] = {
    "purpose": (None, "tax"),
    "facts": (None, " "),
    "link": (None,),
    "urgency_ground": (None, "U2"),
    "urgency_reasons": ("She is to be moved.",),
    "use": (None, "evidence"),
    "via_spoc": (None, False),
    "copy_exception": ("", "c"),
    "channel": (None, "comity", "messenger"),
    "exception_channel": ("b",),
    "received_at": (None,),
}
ITEM_CHANGES = [(f"item.{name}", value) for name, values in ITEM.items() for value in values]
CHANGES = [
    *ITEM_CHANGES,
    *((name, value) for name, values in REST.items() for value in values),
    *((f"request.{name}", value) for name, values in REQUEST.items() for value in values),
]
BASES = (
    "request",
    "national_silent",
    "own_initiative",
    "publish",
    "notify",
    "evaluate",
    "outgoing_request",
    "third_state",
    "inadequate_state",
    "pre_jit",
    "jit",
    "share_pre_jit",
    "message_pre_jit",
    "share_jit",
    "referral",
    "lead",
)


def varied(name: str, changes: list[tuple[str, Any]]) -> Proposal:
    """A base with some facts changed; a change that has no place in it is left out."""
    facts = base(name)
    for path, value in changes:
        if path.startswith("item.") and not facts.get("items"):
            continue
        if path.startswith("request.") and not facts.get("request"):
            continue
        change(facts, {path: copy.deepcopy(value)})
    if not facts.get("items"):
        facts["items"] = [{"id": "*"}]
    return proposal_from(facts)


def some(changes: list[tuple[str, Any]]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    return st.lists(st.sampled_from(changes), max_size=4)


proposals = st.builds(varied, st.sampled_from(BASES), some(CHANGES))
on_own_initiative = st.builds(varied, st.just("own_initiative"), some(ITEM_CHANGES))
member = Party("it", "it", "member_state", "SPOC")


MODULES = ("nl", "it", "ro", "exercise")
NATIONAL_STATES = {"nl": "nl", "it": "it", "ro": "ro", "exercise": "nl"}
LIFTED: tuple[dict[str, Any], ...] = (
    {"refuse_on": ()},
    {"waive": ("6.1.g.i", "6.1.g.ii")},
    {"correction": None},
    {"offence": Offence("thb")},
)


def outcome(proposal: Proposal) -> Outcome:
    return decide(proposal).act.outcome


def with_item(proposal: Proposal, **facts: Any) -> Proposal:
    return replace(proposal, items=(replace(proposal.items[0], **facts),))


def answer(decision: Decision) -> Mapping[str, Any]:
    return {name: part for name, part in decision.to_dict().items() if name not in ("rules", "law_version")}


@FEW
@given(proposals, st.randoms(use_true_random=False))
def test_the_order_of_rules_does_not_matter(proposal: Proposal, shuffle: random.Random) -> None:
    mixed = list(rules())
    shuffle.shuffle(mixed)
    assert answer(decide(proposal, Law(mixed))) == answer(decide(proposal))


@FEW
@given(proposals)
def test_every_denial_has_a_ground_a_citation_and_a_way_out(proposal: Proposal) -> None:
    decision = decide(proposal)
    one = decision.act
    assert decision.alarms == ()
    if one.outcome is Outcome.DENY:
        assert one.ground
        assert one.way_out
        assert one.public_ground
        assert one.public_way_out
        refusals = [found for found in one.findings if found.effect in ("deny", "ask")]
        assert refusals
        assert all(found.cites and found.sentence and found.way_out for found in refusals)


RELIEFS: tuple[dict[str, Any], ...] = (
    {"special": ()},
    {"exposes": ()},
    {"needs_judicial": False},
    {"handling": "H0"},
    {"origin_state": "nl"},
    {"origin_consent": True},
    {"child": "no"},
    {"defect": ""},
    {"safe_house": False},
    {"source": "own"},
    {"retention_until": date(2027, 1, 1)},
)


@settings(max_examples=100, deadline=None)
@given(proposals)
def test_removing_a_restriction_never_turns_a_permit_into_a_denial(proposal: Proposal) -> None:
    before = outcome(proposal)
    if before is not Outcome.DENY:
        for relief in RELIEFS:
            assert outcome(with_item(proposal, **relief)) is not Outcome.DENY, relief


@FEW
@given(proposals)
def test_lifting_a_condition_on_the_whole_never_turns_a_permit_into_a_denial(proposal: Proposal) -> None:
    on_request = proposal.request is not None
    if outcome(proposal) is Outcome.DENY:
        return
    for lift in LIFTED:
        if "offence" in lift and not (on_request and proposal.provider.state == "nl"):
            continue  # another offence is another case, unless only its gravity counts
        if "correction" in lift and proposal.hit is None:
            continue  # without a hit the correction is itself what makes it relevant
        assert outcome(replace(proposal, **lift)) is not Outcome.DENY, lift


@FEW
@given(proposals)
def test_what_names_a_lapsed_entry_decides_nothing_itself(proposal: Proposal) -> None:
    others = [one for one in rules() if one.id != "comity-dated-entries"]
    for year in (2019, 2026, 2033):
        dated = replace(proposal, now=NOW.replace(year=year))
        with_it, without = decide(dated).act, decide(dated, Law(others)).act
        assert (with_it.outcome, with_it.roles, with_it.ground) == (
            without.outcome,
            without.roles,
            without.ground,
        )


@FEW
@given(proposals)
def test_a_member_state_is_never_treated_worse_than_the_home_authority(proposal: Proposal) -> None:
    home = replace(proposal, requester=replace(member, state="nl"))
    abroad = replace(proposal, requester=member)
    assert WIDTH[outcome(abroad)] >= WIDTH[outcome(home)]


@FEW
@given(proposals, st.sampled_from(MODULES), st.sampled_from(["it", "ro", "de", "dk", "ch"]))
def test_no_members_own_law_treats_another_member_state_worse_than_its_own_authorities(
    proposal: Proposal, module: str, state: str
) -> None:
    own = NATIONAL_STATES[module]
    provider = Party(own, own, "member_state", "SPOC")
    asked = replace(proposal, national=module, provider=provider)
    home = decide(replace(asked, requester=replace(member, state=own))).act
    abroad = decide(replace(asked, requester=replace(member, state=state))).act
    assert WIDTH[abroad.outcome] >= WIDTH[home.outcome]
    if home.permitted:
        assert set(abroad.roles) <= set(home.roles)


@settings(max_examples=400, deadline=None)
@given(proposals)
def test_nothing_of_a_hit_reaches_a_submit_only_member(proposal: Proposal) -> None:
    for team in ("NGO", "COMPANY"):
        private = replace(proposal, requester=Party("harbour", "nl", "private", team))
        for facts in (
            replace(private, hit=Hit("h", reviewed=True)),
            replace(with_item(private, from_hit=True)),
            replace(with_item(private, from_hit=None)),
        ):
            if facts.action is not Action.LEAD:
                assert outcome(facts) is Outcome.DENY


@FEW
@given(proposals)
def test_a_submit_only_member_is_told_nothing_by_its_own_lead(proposal: Proposal) -> None:
    lead = replace(proposal, action=Action.LEAD, provider=Party("harbour", "nl", "private", "NGO"))
    one = decide(lead).act
    kinds = {duty.kind for duty in one.obligations}
    assert one.outcome is Outcome.DENY or "receipt-only" in kinds


@settings(max_examples=300, deadline=None)
@given(proposals)
def test_marking_a_victim_or_a_child_never_widens(proposal: Proposal) -> None:
    plain = with_item(replace(proposal, danger=None, referral=None), subject_category="suspect", child="no")
    before = WIDTH[outcome(plain)]
    for mark in ({"subject_category": "victim"}, {"child": "yes"}, {"child": "presumed"}):
        assert WIDTH[outcome(with_item(plain, **mark))] <= before, mark


NEVER_SHOWN: tuple[tuple[frozenset[Action], dict[str, Any]], ...] = (
    (frozenset({Action.PUBLISH, Action.NOTIFY}), {"safe_house": True}),
    (frozenset({Action.PUBLISH, Action.NOTIFY}), {"kind": "address", "subject_category": "victim"}),
    (frozenset({Action.PUBLISH, Action.NOTIFY}), {"special": ("health",)}),
    (frozenset({Action.PUBLISH, Action.NOTIFY}), {"subject_category": "informant"}),
    (frozenset({Action.PUBLISH, Action.NOTIFY}), {"subject_category": "unknown"}),
    (frozenset({Action.PUBLISH, Action.NOTIFY}), {"origin_state": "ro", "origin_consent": None}),
    (frozenset({Action.PUBLISH, Action.NOTIFY}), {"retention_until": date(2026, 11, 22)}),
    (frozenset({Action.PUBLISH, Action.NOTIFY}), {"handling": "H3"}),
    (frozenset({Action.PUBLISH}), {"child": "presumed"}),
)


@settings(max_examples=300, deadline=None)
@given(proposals)
def test_what_is_protected_shows_in_no_token_and_no_notice(proposal: Proposal) -> None:
    for actions, marks in NEVER_SHOWN:
        for action in sorted(actions):
            shown = replace(proposal, action=action)
            assert outcome(with_item(shown, **marks)) is Outcome.DENY, (action, marks)


NEEDED = {
    "request": (
        "case_reference hit.reviewed offence national request.purpose request.legal_basis request.facts "
        "request.case_reference request.link request.urgency_ground request.use request.via_spoc "
        "request.channel request.received_at provider.kind requester.kind item.subject_category item.child "
        "item.special item.origin_state item.handling item.evaluation item.assessment item.defect "
        "item.retention_until item.exposes item.held"
    ),
    "publish": (
        "case_reference legal_basis purpose offence provider.kind requester.kind item.subject_category "
        "item.child item.special item.origin_state item.handling item.evaluation item.assessment "
        "item.defect item.retention_until item.exposes"
    ),
    "notify": (
        "case_reference legal_basis purpose offence requester.kind item.subject_category item.child "
        "item.special item.origin_state item.handling item.evaluation item.assessment item.defect "
        "item.retention_until item.exposes"
    ),
    "evaluate": "case_reference legal_basis purpose offence selected_by requester.kind",
    "outgoing_request": "case_reference request request.facts offence request.via_spoc request.channel",
    "pre_jit": "case_reference hit.reviewed channel offence requester.kind",
    "jit": "jit.signed jit.until jit.administrator channel offence",
    "lead": "legal_basis provider.kind requester.kind",
}
UNKNOWN = [(name, path) for name, paths in NEEDED.items() for path in paths.split()]


@pytest.mark.parametrize(("name", "path"), UNKNOWN, ids=[f"{name}-{path}" for name, path in UNKNOWN])
def test_a_needed_fact_that_nobody_stated_denies_and_is_asked_for(name: str, path: str) -> None:
    facts = base(name)
    known = decide(proposal_from(facts)).act
    assert known.outcome is not Outcome.DENY
    place: Any = facts
    *way, last = path.split(".")
    for step in way:
        place = place["items"][0] if step == "item" else place[step]
    place[last] = None
    assert decide(proposal_from(facts)).act.outcome is Outcome.DENY


def test_a_proposal_without_any_fact_is_denied_whatever_the_action() -> None:
    for action in Action:
        nothing = Proposal(action, NOW, Party("a"), Party("b"))
        assert decide(nothing).act.outcome is Outcome.DENY


STOPS = {"6.1.c", "6.1.d", "6.1.e", "6.1.h", "led-10", "led-11", "expired", "purpose-outside", "handling"}
ASKED = {"facts-missing", "no-case-reference", "subject-category"}


@settings(max_examples=300, deadline=None)
@given(on_own_initiative)
def test_on_trafficking_own_initiative_is_denied_on_listed_grounds_only(proposal: Proposal) -> None:
    one = decide(proposal).act
    listed = STOPS | ASKED | {"1.3.a", "6.1.a", "protected-place"}
    assert one.outcome is not Outcome.DENY or one.ground in listed or one.ground.startswith("6.1.f")


OWNED = {
    "source": "own",
    "origin_state": "nl",
    "origin_consent": None,
    "handling": "H0",
    "handling_note": None,
}
SOUND = {"defect": "", "evaluation": "B2", "assessment": False, "retention_until": date(2027, 6, 30)}
PLAIN = {"special": (), "safe_house": None, "category": "2(a)", "kind": "name", "from_hit": True}
LEFT = {
    "subject_category": ("suspect", "about_to", "convicted", "victim", "witness", "contact", "associate"),
    "child": ("no", "yes", "presumed"),
    "exposes": ((), ("undercover",), ("informant", "legal_person"), ("national_security",)),
    "needs_judicial": (False, True, None),
    "judicial": (None, "granted", "refused", "pending"),
    "held": ("direct", "indirect"),
    "needed_as_evidence": TRUTH,
    "strictly_necessary": (True,),
}
left = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in LEFT.items()})


@FEW
@given(left, st.sampled_from(MODULES))
def test_own_sound_information_on_trafficking_stays_back_on_6_1_c_and_6_1_f_alone(
    facts: dict[str, Any], module: str
) -> None:
    """2023/977 Article 7(2): provided unless (c) or (f); whatever else stops it is ownership or quality."""
    proposal = replace(proposal_from(base("own_initiative")), national=module)
    one = decide(with_item(proposal, **OWNED, **SOUND, **PLAIN, **facts)).act
    assert one.permitted or one.ground == "6.1.c" or one.ground.startswith("6.1.f")


def test_the_generated_facts_reach_every_outcome_of_every_action() -> None:
    """Without this, the properties above could hold of denials alone."""
    seen: set[tuple[Action, bool]] = set()
    for name in BASES:
        for changes in (
            [],
            [("case_reference", None), ("legal_basis", None)],
            [("item.origin_consent", True)],
        ):
            proposal = varied(name, changes)
            seen.add((proposal.action, decide(proposal).act.permitted))
    assert seen >= {(action, permitted) for action in Action for permitted in (True, False)}


@FEW
@given(proposals)
def test_a_stored_decision_replays_to_itself(proposal: Proposal) -> None:
    decision = decide(proposal)
    stored = decision.to_dict()
    assert Decision.from_dict(stored) == decision
    assert replay(stored).same


@FEW
@given(proposals)
def test_facts_survive_being_written_and_read(proposal: Proposal) -> None:
    assert proposal_from(proposal_to(proposal)) == proposal
