"""What a node keeps, as SQLModel tables. See docs/architecture.md for who reads what.

Rules: identifiers that cross the wire are lower-case hex text, never local numbers; instants are UTC
and aware; columns named `*_sealed` hold AES-256-GCM boxes of `node.ports.vault` and nothing in clear;
closed vocabularies are text with a CHECK constraint, so that a migration sees every new value.
"""

from node.records.base import metadata
from node.records.channels import Channel, ChannelEventRow, ChannelKey
from node.records.duties import Consent, Duty
from node.records.exchange import (
    DecisionRow,
    Disclosure,
    InformationRequestRow,
    LeadRow,
    RecallRow,
    ReceivedItem,
)
from node.records.feeds import FeedEntryRow, OwnToken, PeerFeed, PeerToken, PublishedToken
from node.records.hits import Hit, HitRecord
from node.records.keys import (
    AnsweredBatch,
    AskedBatch,
    CeremonyMessage,
    CeremonyRow,
    DataKey,
    KeySetRow,
    KeyShare,
    OfficerRow,
    QuotaUse,
    RosterRow,
)
from node.records.ledger import LogCheckpoint, LogLeaf, WitnessedLog
from node.records.mail import Inbox, Outbox
from node.records.selectors import CaseRow, DataItemRow, GateRow, ImportRow, Selector, SelectorRecord
from node.records.state import Alarm, Meta

__all__ = [
    "Alarm",
    "AnsweredBatch",
    "AskedBatch",
    "CaseRow",
    "CeremonyMessage",
    "CeremonyRow",
    "Channel",
    "ChannelEventRow",
    "ChannelKey",
    "Consent",
    "DataItemRow",
    "DataKey",
    "DecisionRow",
    "Disclosure",
    "Duty",
    "FeedEntryRow",
    "GateRow",
    "Hit",
    "HitRecord",
    "ImportRow",
    "Inbox",
    "InformationRequestRow",
    "KeySetRow",
    "KeyShare",
    "LeadRow",
    "LogCheckpoint",
    "LogLeaf",
    "Meta",
    "OfficerRow",
    "Outbox",
    "OwnToken",
    "PeerFeed",
    "PeerToken",
    "PublishedToken",
    "QuotaUse",
    "RecallRow",
    "ReceivedItem",
    "RosterRow",
    "Selector",
    "SelectorRecord",
    "WitnessedLog",
    "metadata",
]
