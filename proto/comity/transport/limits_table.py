"""The limits of every message of comity.v1, field by field, in the order of the schemas.

Sizes follow from the protocol: batches of 1,000 elements, chunks of 512 KiB, t at most 255 holders,
messages of at most 4 MiB. A number here may grow in a later version, never shrink: peers upgrade when
they please.
"""

from __future__ import annotations

import re

from comity.transport.limits import Choice, Flag, Limits, Many, Number, Octets, Part, Table, Text

KIB = 1_024
MIB = 1_048_576

LATEST_MS = 253_402_300_799_999  # the last millisecond of the year 9999
U32, U63 = 2**32 - 1, 2**63 - 1


def _name(pattern: str, most: int, *, absent: bool = False) -> Text:
    return Text(most, re.compile(pattern), absent)


TEAM = _name(r"[a-z][a-z0-9-]{1,31}", 32)
TEAM_OR_NONE = _name(r"[a-z][a-z0-9-]{1,31}", 32, absent=True)
RECIPIENT = _name(r"\*|[a-z][a-z0-9-]{1,31}", 32)
FEDERATION = _name(r"[a-z][a-z0-9.-]{1,62}", 63)
STATE = _name(r"[A-Z]{2}", 2, absent=True)
KIND = _name(r"[a-z][a-z0-9_-]{0,31}", 32)
WORD = _name(r"[A-Za-z0-9][A-Za-z0-9 _./:()-]{0,63}", 64, absent=True)
ADDRESS = _name(r"[A-Za-z0-9.:\[\]_-]{1,255}", 255, absent=True)
MONTH = _name(r"[0-9]{4}-(0[1-9]|1[0-2])", 7)
HANDLING = _name(r"H[0-3]", 2, absent=True)
PAYLOAD_TYPE = _name(r"comity\.v1\.[A-Za-z]{1,64}", 74)
SHORT, LINE, NOTE, LONG = Text(64), Text(300), Text(4_000), Text(20_000)

ID = Octets(16, 16)
ID_OR_NONE = Octets(16, 16, absent=True)
DIGEST = Octets(32, 32)
DIGEST_OR_NONE = Octets(32, 32, absent=True)
KEY = Octets(32, 32)
SIGNATURE = Octets(64, 64)
PROOF_OR_NONE = Octets(64, 64, absent=True)
PEM = Octets(1, 16 * KIB, absent=True)
JSON = Octets(0, 3 * MIB + 512 * KIB)

WHEN = Number(0, LATEST_MS)
COUNT = Number(0, U63)
EPOCH = Number(0, U32)
SHARE = Number(1, 255)
SHARE_OR_NONE = Number(0, 255)
THRESHOLD = Number(1, 255)
FLAG, CHOICE, PART, PART_OR_NONE = Flag(), Choice(), Part(), Part(absent=True)
TEAMS = Many(TEAM, 255)

LIMITS = Limits()
_entries = LIMITS.entries

# envelope.proto
_entries["comity.v1.Header"] = {
    "payload_type": PAYLOAD_TYPE,
    "federation": FEDERATION,
    "sender": TEAM,
    "recipients": Many(RECIPIENT, 256),
    "id": ID,
    "issued_at_ms": WHEN,
    "expires_at_ms": WHEN,
}
_entries["comity.v1.Signature"] = {"key_id": ID, "signature": SIGNATURE}
_entries["comity.v1.Envelope"] = {
    "header": Octets(1, 16 * KIB),
    "payload": Octets(0, 2 * MIB),
    "signatures": Many(PART, 256, least=1),
}
_entries["comity.v1.SealedBox"] = {
    "key_id": ID,
    "wrapped_key": Octets(32, 2 * KIB),
    "nonce": Octets(24, 24),
    "ciphertext": Octets(16, 2 * MIB + 512 * KIB),
}

# roster.proto
_entries["comity.v1.TeamCard"] = {
    "team": TEAM,
    "state": STATE,
    "name": LINE,
    "member_class": CHOICE,
    "address": ADDRESS,
    "root_key": KEY,
    "signing_key": KEY,
    "sealing_key": Octets(1_216, 1_216),
    "authority_pem": PEM,
}
_entries["comity.v1.BrokerCard"] = {
    "broker": TEAM,
    "name": LINE,
    "address": ADDRESS,
    "witness_key": KEY,
    "authority_pem": PEM,
}
_entries["comity.v1.Member"] = {"card": PART, "share_index": SHARE_OR_NONE}
_entries["comity.v1.Roster"] = {
    "federation": FEDERATION,
    "version": Number(1, U63),
    "issued_at_ms": WHEN,
    "expires_at_ms": WHEN,
    "members": Many(PART, 255),
    "brokers": Many(PART, 16),
    "root_threshold": THRESHOLD,
    "share_threshold": SHARE_OR_NONE,
    "previous": DIGEST_OR_NONE,
    "mode": _name("live|exercise", 8),
}
_entries["comity.v1.OfficerCertificate"] = {
    "federation": FEDERATION,
    "team": TEAM,
    "officer": WORD,
    "public_key": KEY,
    "roles": Many(WORD, 32),
    "not_before_ms": WHEN,
    "not_after_ms": WHEN,
}
_entries["comity.v1.LabelKey"] = {
    "epoch": EPOCH,
    "purpose": KIND,
    "kind": KIND,
    "commitments": Many(KEY, 255, least=1),
}
_entries["comity.v1.KeySet"] = {
    "federation": FEDERATION,
    "epoch": EPOCH,
    "roster_version": COUNT,
    "threshold": THRESHOLD,
    "holders": Many(SHARE, 255),
    "labels": Many(PART, 64),
    "not_before_ms": WHEN,
    "not_after_ms": WHEN,
    "transcript": DIGEST_OR_NONE,
}
_entries["comity.v1.GetRosterRequest"] = {"version": COUNT}
_entries["comity.v1.GetRosterResponse"] = {"roster": PART_OR_NONE}
_entries["comity.v1.GetKeySetRequest"] = {"epoch": EPOCH}
_entries["comity.v1.GetKeySetResponse"] = {"key_set": PART_OR_NONE}

# pseudonym.proto
for _call in ("EvaluateRequest", "EvaluateResponse", "AuditRequest", "AuditResponse"):
    _entries[f"comity.v1.{_call}"] = {"envelope": PART}
_entries["comity.v1.Claim"] = {
    "cases": Many(ID, 64),
    "legal_basis": LINE,
    "offence": SHORT,
    "bulk_grant": Octets(0, 64 * KIB),
}
_entries["comity.v1.EvaluationBatch"] = {
    "batch": ID,
    "epoch": EPOCH,
    "purpose": KIND,
    "kind": KIND,
    "subset": Many(SHARE, 255),
    "blinded": Octets(32, 32_000, step=32),
    "mode": CHOICE,
    "claim": PART_OR_NONE,
    "opening_root": DIGEST_OR_NONE,
}
_entries["comity.v1.EvaluationAnswer"] = {
    "batch": ID,
    "request_digest": DIGEST,
    "holder": SHARE,
    "evaluated": Octets(32, 32_000, step=32),
    "proof": PROOF_OR_NONE,
    "quota_left": COUNT,
}
_entries["comity.v1.AuditElement"] = {"batch": ID, "element": KEY}
_entries["comity.v1.AuditAnswer"] = {
    "batch": ID,
    "request_digest": DIGEST,
    "holder": SHARE,
    "evaluated": KEY,
    "proof": SIGNATURE,
}

# feed.proto
_entries["comity.v1.PullRequest"] = {"after": COUNT, "digest": DIGEST_OR_NONE}
_entries["comity.v1.PullResponse"] = {
    "entry": PART_OR_NONE,
    "body": Octets(0, 64 * KIB),
    "head": PART_OR_NONE,
}
_entries["comity.v1.TokenClass"] = {
    "kind": KIND,
    "expiry_month": MONTH,
    "crime_area": WORD,
    "handling": HANDLING,
}
_entries["comity.v1.FeedEntry"] = {
    "publisher": TEAM,
    "audience": _name(r"\*|[a-z][a-z0-9-]{1,63}", 64),
    "sequence": COUNT,
    "previous": DIGEST,
    "body_digest": DIGEST,
    "kind": CHOICE,
    "epoch": EPOCH,
    "purpose": KIND,
    "classes": Many(PART, 65_535),
    "created_at_ms": WHEN,
    "complete": FLAG,
}
_entries["comity.v1.FeedBody"] = {
    "added": Octets(0, 16_000, step=16),
    "classes": Octets(0, 2_000, step=2),
    "removed": Octets(0, 16_000, step=16),
}
_entries["comity.v1.FeedHead"] = {
    "publisher": TEAM,
    "audience": _name(r"\*|[a-z][a-z0-9-]{1,63}", 64),
    "sequence": COUNT,
    "digest": DIGEST_OR_NONE,  # none before the first entry
    "signed_at_ms": WHEN,
}

# delivery.proto
_entries["comity.v1.DeliverRequest"] = {"envelope": PART}
_entries["comity.v1.DeliverResponse"] = {"digest": DIGEST, "duplicate": FLAG}
_entries["comity.v1.HitNotice"] = {
    "hit": ID,
    "epoch": EPOCH,
    "kind": KIND,
    "crime_area": WORD,
    "proof": DIGEST,
}
_entries["comity.v1.HitFeedback"] = {"hit": ID, "verdict": CHOICE}
_entries["comity.v1.OfficerSignature"] = {
    "officer": WORD,
    "certificate": PART_OR_NONE,
    "signature": SIGNATURE,
    "role": WORD,
}
_entries["comity.v1.InformationRequest"] = {
    "request": ID,
    "hit": ID_OR_NONE,
    "instrument": SHORT,
    "purpose": SHORT,
    "offence": SHORT,
    "legal_basis": LINE,
    "case_reference": LINE,
    "facts": LONG,
    "link": NOTE,
    "items": Many(LINE, 100),
    "urgency_ground": _name(r"U[1-4]", 2, absent=True),
    "urgency_reasons": NOTE,
    "access": WORD,
    "use": WORD,
    "language": _name(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", 35, absent=True),
    "via_spoc": FLAG,
    "exception_channel": _name(r"[abc]", 1, absent=True),
    "subject_category": SHORT,
    "officer": PART_OR_NONE,
}
_entries["comity.v1.Conditions"] = {
    "purpose": SHORT,
    "origin": STATE,
    "handling": HANDLING,
    "evaluation": WORD,
    "assessment": FLAG,
    "evidence_use": FLAG,
    "onward": FLAG,
    "retention_until_ms": WHEN,
    "handling_note": NOTE,
}
_entries["comity.v1.DisclosedItem"] = {
    "item": Text(128),
    "category": SHORT,
    "label": LINE,
    "value": LONG,
    "conditions": PART_OR_NONE,
    "article": LINE,
}
_entries["comity.v1.DisclosureContent"] = {
    "request": ID_OR_NONE,
    "disclosure": ID_OR_NONE,
    "items": Many(PART, 1_000),
}
_entries["comity.v1.RefusedItem"] = {"category": LINE, "ground": LINE, "way_out": NOTE}
_entries["comity.v1.Answer"] = {
    "request": ID,
    "disclosure": ID_OR_NONE,
    "route": CHOICE,
    "siena_reference": LINE,
    "sealed": PART_OR_NONE,
    "refused": Many(PART, 200),
    "content_digest": DIGEST_OR_NONE,
    "approvals": Many(PART, 32),
    "status": WORD,
    "clarification": NOTE,
}
_entries["comity.v1.DisclosureReceipt"] = {
    "request": ID_OR_NONE,
    "disclosure": ID,
    "content_digest": DIGEST_OR_NONE,
    "received_at_ms": WHEN,
}
_entries["comity.v1.Recall"] = {
    "recall": ID,
    "disclosures": Many(ID, 1_000),
    "items": Many(Text(128), 1_000),
    "reason": WORD,
    "sealed": PART_OR_NONE,
}
_entries["comity.v1.RecallReceipt"] = {"recall": ID, "done_at_ms": WHEN}
_entries["comity.v1.Lead"] = {"lead": ID, "sealed": PART}
_entries["comity.v1.LeadContent"] = {"kind": KIND, "value": NOTE, "note": NOTE, "claim": PART_OR_NONE}
_entries["comity.v1.LeadReceipt"] = {"lead": ID, "received_at_ms": WHEN}

_entries["comity.v1.ConsentRequest"] = {
    "consent": ID,
    "use": WORD,
    "recipient": WORD,
    "category": LINE,
    "purpose": LINE,
    "offence": LINE,
    "reason": LONG,
    "disclosure": ID_OR_NONE,
    "item": LINE,
    "officer": PART,
}
_entries["comity.v1.ConsentAnswer"] = {
    "consent": ID,
    "granted": FLAG,
    "conditions": LONG,
    "until_ms": WHEN,
    "officer": PART,
}

# channel.proto
_entries["comity.v1.ChannelEvent"] = {
    "channel": ID,
    "author": TEAM,
    "sequence": Number(1, U63),
    "previous": DIGEST_OR_NONE,
    "seen": Many(DIGEST, 1_000),
    "epoch": EPOCH,
    "kind": CHOICE,
    "created_at_ms": WHEN,
    "nonce": Octets(24, 24, absent=True),
    "ciphertext": Octets(0, MIB),
    "keys": Many(PART, 255),
}
_entries["comity.v1.WrappedKey"] = {"team": TEAM, "sealed": PART}
_entries["comity.v1.ChannelOpening"] = {
    "title": LINE,
    "status": WORD,
    "hits": Many(ID, 1_000),
    "members": TEAMS,
    "legal_basis": LINE,
}
_entries["comity.v1.MembersChange"] = {
    "members": TEAMS,
    "added": TEAMS,
    "removed": TEAMS,
    "reason": NOTE,
    "last_sequence": Table(TEAM, COUNT, 255),
    "earlier_keys": Table(EPOCH, Octets(1, 4 * KIB), 1_000),
}
_entries["comity.v1.ChannelMessage"] = {"id": ID, "text": LONG, "officer": LINE, "handling": HANDLING}
_entries["comity.v1.ChannelTask"] = {
    "id": ID,
    "title": LINE,
    "assignee": TEAM_OR_NONE,
    "state": WORD,
    "officer": LINE,
    "note": NOTE,
}
_entries["comity.v1.ChannelCatchUp"] = {"channel": ID, "have": Table(TEAM, COUNT, 255)}
_entries["comity.v1.ChannelRelay"] = {"channel": ID, "events": Many(PART, 1_000, 1)}
_entries["comity.v1.ChannelFile"] = {
    "id": ID,
    "name": LINE,
    "size": Number(0, 2**40),
    "sha256": DIGEST,
    "chunks": Number(0, 2**21),
    "officer": LINE,
    "handling": HANDLING,
    "note": NOTE,
}
_entries["comity.v1.ChannelChunk"] = {"file": ID, "index": Number(0, 2**21), "data": Octets(0, 512 * KIB)}

# ceremony.proto
_entries["comity.v1.CeremonyProposal"] = {
    "ceremony": ID,
    "epoch": EPOCH,
    "purpose": KIND,
    "kinds": Many(KIND, 64, least=1),
    "roster_version": COUNT,
    "threshold": THRESHOLD,
    "holders": Many(SHARE, 255, least=1),
    "not_before_ms": WHEN,
    "not_after_ms": WHEN,
}
_entries["comity.v1.CeremonyCommit"] = {"ceremony": ID, "commitment": DIGEST}
_entries["comity.v1.DealtLabel"] = {
    "kind": KIND,
    "commitments": Many(KEY, 255, least=1),
    "possession": SIGNATURE,
}
_entries["comity.v1.CeremonyPublic"] = {
    "ceremony": ID,
    "dealer": SHARE,
    "labels": Many(PART, 64, least=1),
    "salt": DIGEST,
}
_entries["comity.v1.CeremonyDeal"] = {"ceremony": ID, "public": Octets(1, MIB), "shares": PART}
_entries["comity.v1.CeremonyConfirm"] = {
    "ceremony": ID,
    "transcript": DIGEST,
    "key_set": Octets(1, MIB),
    "key_set_header": Octets(1, 16 * KIB),
    "key_set_signature": PART,
}
_entries["comity.v1.CeremonyComplaint"] = {"ceremony": ID, "accused": SHARE, "reason": WORD}

# broker.proto
_entries["comity.v1.PutRequest"] = {"recipient": TEAM, "mail": ID, "sealed": PART}
_entries["comity.v1.PutResponse"] = {"duplicate": FLAG}
_entries["comity.v1.FetchRequest"] = {"after": COUNT, "wait_seconds": Number(0, 600)}
_entries["comity.v1.FetchResponse"] = {
    "sequence": Number(1, U63),
    "sender": TEAM,
    "mail": ID,
    "sealed": PART,
    "received_at_ms": WHEN,
}
_entries["comity.v1.AcknowledgeRequest"] = {"through": COUNT}
_entries["comity.v1.AcknowledgeResponse"] = {"erased": COUNT}

# log.proto
_entries["comity.v1.GetCheckpointRequest"] = {}
_entries["comity.v1.GetCheckpointResponse"] = {"note": Octets(0, 64 * KIB)}
_entries["comity.v1.AddCheckpointRequest"] = {
    "old_size": COUNT,
    "consistency": Many(DIGEST, 64),
    "note": Octets(1, 64 * KIB),
}
_entries["comity.v1.AddCheckpointResponse"] = {"cosignature": Text(4_096), "known_size": COUNT}

# operator.proto: a Unix socket, not the network; limited all the same
_entries["comity.v1.RunRequest"] = {"operation": _name(r"[a-z][a-z0-9._-]{0,63}", 64), "arguments": JSON}
_entries["comity.v1.RunResponse"] = {"progress": JSON, "result": JSON, "error": JSON}
