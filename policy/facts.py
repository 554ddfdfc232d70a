"""The facts that the law is asked about: who, what, to whom, why. Never a selector's value.

Rules of this module:
- `None` means that nobody stated the fact. A rule that needs it asks for it and denies; it never assumes.
- An empty tuple or an empty string where the text below says so is a statement ("none"), not silence.
- Facts are frozen and compare by value, so that one decision serves all items of identical facts.
- Words come from the vocabularies here or in `policy/parameters`; any other word is refused on reading.

What the facts rest on (is the case reference real? did the officer look?) is for the node to establish.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Action(StrEnum):
    """What is proposed. `provider` gives, `requester` receives, whatever the action."""

    EVALUATE = "evaluate"  # an OPRF query: the requester asks the provider's share
    PUBLISH = "publish"  # the provider's token enters the feed for the requester
    NOTIFY = "notify"  # the provider tells the requester of a hit
    REQUEST = "request"  # the requester's own outgoing request: is it well-formed?
    DISCLOSE = "disclose"  # content leaves the provider, on request or on its own initiative
    OPEN_CHANNEL = "open_channel"  # the provider opens a channel with the requester
    SHARE = "share"  # the provider puts something into a channel
    LEAD = "lead"  # a submit-only member (provider) hands a lead to a national node (requester)


WORDS: dict[str, frozenset[str]] = {
    "Party.kind": frozenset(
        {
            "member_state",
            "associated_state",
            "eu_body",
            "third_state",
            "private",
            "operator",
            "data_subject",
        }
    ),
    "Item.subject_category": frozenset(
        {
            "suspect",
            "about_to",
            "convicted",
            "victim",
            "witness",
            "contact",
            "associate",
            "informant",
            "missing",
            "unknown",
        }
    ),
    "Item.child": frozenset({"yes", "no", "presumed"}),
    "Item.held": frozenset({"direct", "indirect", "coercive", "nowhere"}),
    "Item.defect": frozenset({"", "inaccurate", "incomplete", "outdated", "contested"}),
    "Item.special_basis": frozenset(
        {"law", "vital_interests", "made_public_by_subject", "made_public_by_other"}
    ),
    "Item.judicial": frozenset({"not_needed", "pending", "granted", "refused"}),
    "Item.source": frozenset(
        {"own", "fiu", "europol", "europol_analysis", "jit", "prum2", "budapest", "cets224", "untoc"}
    ),
    "Request.urgency_ground": frozenset({"", "U1", "U2", "U3", "U4"}),
    "Request.access": frozenset({"direct", "indirect"}),
    "Request.use": frozenset({"intel", "evidence"}),
    "Request.exception_channel": frozenset({"", "a", "b", "c"}),
    "Request.copy_exception": frozenset({"", "a", "b", "c"}),
    "Request.issued_by": frozenset(
        {"judge", "court", "investigating_judge", "prosecutor", "police", "other"}
    ),
    "Request.measure": frozenset(
        {
            "held_evidence",
            "database",
            "hearing",
            "non_coercive",
            "subscriber",
            "search",
            "interception",
            "traffic_data",
            "content_data",
            "provisional",
            "team",
        }
    ),
    "Request.log": frozenset({"led", "prum2", "register"}),
    "Offence.character": frozenset({"", "political", "military", "religious", "racial"}),
    "Search.category": frozenset({"suspect", "convicted", "victim", "missing", "remains"}),
    "Search.aim": frozenset({"identify", "more_data", "owner"}),
    "Search.route": frozenset({"direct", "baris"}),
    "Submission.basis": frozenset({"6.1.a", "6.1.b", "6.1.c", "6.1.d", "6.1.e", "6.1.f", "foreign_order"}),
    "Submission.special_basis": frozenset({"9.2.a", "9.2.c", "9.2.d", "9.2.g"}),
    "Jit.third_state_basis": frozenset({"", "2ap-20", "eu-us-5", "untoc-19", "cets224-12"}),
    "Transfer.safeguards": frozenset({"", "binding", "assessed"}),
    "Transfer.derogation": frozenset(
        {"", "vital_interests", "legitimate_interests", "serious_threat", "individual_case", "legal_claims"}
    ),
    "Proposal.channel": frozenset({"pre-jit", "jit"}),
    "Proposal.system": frozenset(
        {
            "dna",
            "fingerprints",
            "faces",
            "police-records",
            "vehicles",
            "bank-accounts",
            "europol-cross-check",
            "europol-analysis",
        }
    ),
    "Proposal.publication": frozenset({"", "report", "media", "trace_family", "wellbeing"}),
    "Proposal.europol_purpose": frozenset({"a", "b", "c", "d"}),
}
"""Closed vocabularies, by `Class.field`. `tuple` fields are checked word by word."""


@dataclass(frozen=True, slots=True)
class Party:
    """One side of the proposal, as the roster describes it."""

    team: str
    state: str | None = None  # ISO 3166-1 alpha-2, lower case; an EU body has "eu"
    kind: str | None = None  # class of member
    authority: str | None = (
        None  # LEA, SPOC, PROS, FIU, CUSTOMS, JUDGE, EUROPOL, EUROJUST, NGO, PRIVATE, OTHER
    )


@dataclass(frozen=True, slots=True)
class Offence:
    """The underlying offence. Penalties that are not stated come from the offence catalogue."""

    code: str | None = None  # of policy/parameters/offences.toml, e.g. "thb"
    max_penalty_provider: float | None = None  # years
    criminal_in_provider: bool | None = None
    exploitation: str | None = None  # SEX, LABOUR, ... (2011/36 Article 2(3))
    max_penalty_requester: float | None = None  # years
    character: str | None = None  # "" = ordinary crime; political, military, religious or racial
    means: bool | None = None  # force, fraud, abuse of vulnerability ... (2011/36 Article 2(1))
    child_victim: bool | None = None  # the case has a child victim (2011/36 Article 2(5))


@dataclass(frozen=True, slots=True)
class Item:
    """One selector or one piece of information, by its legal properties only."""

    id: str
    kind: str | None = None  # selector or content kind: phone, address, name, message, task ...
    category: str | None = None  # Europol Annex II.B, e.g. "2(h)"
    subject_category: str | None = None  # LED Article 6
    child: str | None = None  # "yes", "no", "presumed" (2011/36 Article 13(2))
    special: tuple[str, ...] | None = None  # LED Article 10; () = none
    special_basis: str | None = None  # LED Article 10(a)-(c)
    strictly_necessary: bool | None = None  # shown by the authority in this case
    origin_state: str | None = None  # where it was first obtained, ISO 3166-1
    origin_consent: bool | None = None  # of that state or provider of origin; None = not asked or no answer
    handling: str | None = None  # H0 .. H3
    handling_note: str | None = None  # text of H3
    evaluation: str | None = None  # 4x4, e.g. "B2"; 3x5x2 "1A" .. "3E" is understood
    assessment: bool | None = None  # True: personal assessment, False: fact (LED Article 7(1))
    defect: str | None = None  # "" = none known
    retention_until: date | None = None  # LED Article 5
    needed_as_evidence: bool | None = None  # LED Article 16(3)(b)
    safe_house: bool | None = None  # asked of addresses and places only
    exposes: tuple[str, ...] | None = None  # () = nobody; see policy/parameters/exposure.toml
    held: str | None = None  # how the provider can get it; "nowhere" = it has not
    judicial: str | None = None  # state of a judicial authorisation, if one is needed
    needs_judicial: bool | None = None  # for a similar provision at home; None = as the national module says
    source: str | None = None  # "own" or the body that it came from
    from_hit: bool | None = None  # known, or chosen, because of a hit
    personal: bool | None = None  # False: coordination without personal data (channel messages, tasks)
    verified_upload: bool | None = None  # the JIT space's administrator checked a third state's upload
    supplied_for: str | None = None  # purpose that its supplier set
    last_review: date | None = None  # when its need was last reviewed (2016/794 Article 31)
    supplements: bool | None = None  # supplements other data on the person (2016/794 Article 30(2))
    unrelated: bool | None = None  # the contact or associate turned out to have no part in it
    contact_of_contact: bool | None = None  # about a contact of a contact
    report: bool | None = None  # it would show whether a suspicion was reported to an FIU


@dataclass(frozen=True, slots=True)
class Request:
    """A request for information, as received or as about to be sent (2023/977 Article 4)."""

    instrument: str | None = None  # "2023/977", "eio", "mla", "none" ...
    purpose: str | None = None  # of policy/parameters/purposes.toml
    legal_basis: str | None = None  # requester's national act and article
    case_reference: str | None = None
    facts: str | None = None
    link: str | None = None  # person <-> purpose
    available_because: str | None = None  # objective reasons to believe that the provider has it
    urgency_ground: str | None = None  # "" = not urgent
    urgency_reasons: str | None = None
    access: str | None = None  # as the provider found; items say more by `held`
    use: str | None = None
    via_spoc: bool | None = None  # sent by, or in copy to, the requester's SPOC
    copy_exception: str | None = None  # "a".."c" of Article 4(2); "" = none claimed
    channel: str | None = None  # "comity", "siena", "interpol", "email", "messenger" ...
    exception_channel: str | None = None  # "a".."c" of Article 13(2); "" = none claimed
    judicial_authorisation: str | None = None  # requester's own, when its law needs one
    received_at: datetime | None = None
    language: str | None = None  # ISO 639-1
    issued_by: str | None = None  # of an order: who issued it
    validated: bool | None = None  # by a judge, court, investigating judge or prosecutor
    proportionate: bool | None = None  # necessary and proportionate, as the issuing authority states
    available_at_home: bool | None = None  # the measure could be ordered in a similar domestic case
    available_here: bool | None = None  # the same, in the executing state
    measure: str | None = None  # the measure asked for
    decided_at: datetime | None = None  # when the executing authority recognised the order
    log: str | None = None  # which log is asked for, where a log is
    log_use: str | None = None  # what for


@dataclass(frozen=True, slots=True)
class Hit:
    """The match behind a proposal."""

    id: str
    reviewed: bool | None = None  # a person looked at the match
    reviewed_by: str | None = None  # officer id
    automated_measure: bool | None = None  # something would happen to a person on the hit alone
    confirmed: bool | None = None  # a qualified member of the requester's staff confirmed a biometric match
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Jit:
    """A joint investigation team, as its agreement says."""

    signed: bool | None = None
    members: tuple[str, ...] = ()  # team ids
    participants: tuple[str, ...] = ()  # EU bodies and others that the agreement admits, team ids
    purpose: str | None = None  # offence code
    until: date | None = None
    administrator: str | None = None  # team id
    leader: str | None = None  # team id, of the state in which the team operates
    third_state_basis: str | None = None  # treaty by which a third state is in; "" = none
    controller: str | None = None  # team that answers for a third state's data; "" = none named


@dataclass(frozen=True, slots=True)
class Transfer:
    """What the controller states about a third country (LED Chapter V)."""

    safeguards: str | None = None  # "binding" instrument, controller's own "assessed", "" none
    instrument: str | None = None
    derogation: str | None = None  # LED Article 38(1)
    rights_override: bool | None = None  # result of the balance of 38(2)
    threat_no_time: bool | None = None  # LED Article 35(2)
    authority_route_ineffective: bool | None = None  # LED Article 39(1)(c)
    authority_informed: bool | None = None  # LED Article 39(1)(d)
    purpose_told: bool | None = None  # LED Article 39(1)(e)
    necessary: bool | None = None  # LED Article 35(1)(a)
    systematic: bool | None = None  # systematic, massive or structural (2016/794 Article 25(5))


@dataclass(frozen=True, slots=True)
class Referral:
    """A victim's referral to support (2011/36 Article 11)."""

    agreed: bool | None = None  # informed agreement of the person
    support_organisation: bool | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A search in another system, or an entry into it: `Proposal.system` says which."""

    individual_case: bool | None = None
    national_law: bool | None = None  # the law of whoever searches or enters permits it
    elements: tuple[str, ...] | None = None  # what is searched with; policy/parameters/prum2.toml
    category: str | None = None  # of the person searched for (2024/982 Article 33)
    aim: str | None = None
    pseudonymised: bool | None = None  # names and aliases
    designated_staff: bool | None = None  # 2019/1153 Article 5(1)
    route: str | None = None  # "direct", or "baris" between the registers of several states


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submit-only member states about its lead (Regulation (EU) 2016/679)."""

    basis: str | None = None  # Article 6(1)
    special_basis: str | None = None  # Article 9(2)
    single_case: bool | None = None  # one possible crime in one case (recital 50)
    offence_data: bool | None = None  # data on offences (Article 10)
    national_law: bool | None = None  # a law authorises the processing of offence data
    hosting: bool | None = None  # the submitter is a hosting service


@dataclass(frozen=True, slots=True)
class Proposal:
    """One question to the law: may `provider` do `action` with `items` towards `requester`, now?"""

    action: Action
    now: datetime  # aware
    provider: Party
    requester: Party
    request: Request | None = None  # None: on own initiative
    items: tuple[Item, ...] = ()  # empty: the act itself is judged, as item "*"
    case_reference: str | None = None  # provider's own case (of EVALUATE and REQUEST: the asker's)
    legal_basis: str | None = None  # national act and article of whoever acts
    purpose: str | None = None  # of policy/parameters/purposes.toml
    offence: Offence | None = None
    hit: Hit | None = None
    jit: Jit | None = None
    channel: str | None = None  # kind of channel to open or share into
    transfer: Transfer | None = None
    referral: Referral | None = None
    danger: bool | None = None  # a victim or witness is in immediate danger in the requester's state
    correction: bool | None = None  # corrects what this requester received before
    selected_by: tuple[str, ...] | None = (
        None  # EVALUATE: criteria of selection; () = one by one, from a case
    )
    refuse_on: tuple[str, ...] = ()  # grounds that the provider invokes of its own choice
    waive: tuple[str, ...] = ()  # discretionary grounds that the provider's officer does not invoke
    national: str | None = None  # name of the provider's module in policy/law/national
    system: str | None = None  # another system that is searched, fed or answered from
    search: Search | None = None
    submission: Submission | None = None
    publication: str | None = None  # "" = none; else for whom or why it would become public
    conditions: tuple[str, ...] | None = None  # set by the sender of spontaneous information; () = none
    conditions_accepted: bool | None = None  # by the recipient, beforehand
    europol_purpose: str | None = None  # "a".."d" of Regulation (EU) 2016/794, Article 18(2)
    arrangement: bool | None = None  # joint controllers have arranged their duties (LED Article 21)
    exculpatory: bool | None = None  # information that exonerates an accused


ACT = Item(id="*")
"""Stands for the act itself where a proposal has no items."""
