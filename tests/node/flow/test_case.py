"""The shared case and the steps that make it: what may be written, and that all nodes fold alike."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from comity.channel import CHUNK_BYTES, husk, open_event, read_event
from comity.errors import ComityError, Conflict, Corrupt, Forbidden, Malformed, NotFound
from comity.v1 import channel_pb2 as pb
from node.flow.case import TASK_MOVES, TASK_STATES, OpenedEvent, fold, may_move, may_move_by
from node.flow.channel import (
    Step,
    add_member,
    assemble,
    chunks,
    close,
    edit_task,
    file_announcement,
    message,
    move_task,
    opening,
    read_events,
    read_file,
    remove_member,
    renew_key,
    settle_task,
    task,
)
from tests.channels import BASIS, HIT, KEYS, START, Mail, Peer, SeededChance, open_channel, publics


def say(peer: Peer, text: str, minute: int) -> Mail:
    return peer.write(
        message(peer.case, peer.team, text=text, officer="an officer", chance=peer.chance), minute
    )


def ask(peer: Peer, title: str, assignee: str, minute: int) -> tuple[bytes, Mail]:
    step = task(peer.case, peer.team, title=title, assignee=assignee, officer="R-JSA", chance=peer.chance)
    assert isinstance(step.payload, pb.ChannelTask)
    return step.payload.id, peer.write(step, minute)


def move(peer: Peer, task_id: bytes, to: str, minute: int) -> Mail:
    return peer.write(move_task(peer.case, peer.team, task_id, to, officer="R-LO"), minute)


def pair() -> tuple[Peer, Peer]:
    peers, opened = open_channel()
    peers["it"].take(opened)
    return peers["nl"], peers["it"]


def sync(*peers: Peer) -> None:
    mails = {digest: mail for peer in peers for digest, mail in peer.mail.items()}
    for peer in peers:
        peer.take_all(mails.values())


def send_file(peer: Peer, data: bytes, minute: int, name: str = "ledger.csv") -> tuple[bytes, list[Mail]]:
    step = file_announcement(
        peer.case,
        peer.team,
        name=name,
        size=len(data),
        sha256=hashlib.sha256(data).digest(),
        officer="R-ORIG",
        chance=peer.chance,
    )
    assert isinstance(step.payload, pb.ChannelFile)
    mails = [peer.write(step, minute)]
    mails += [peer.write(part, minute) for part in chunks(step.payload.id, data)]
    return step.payload.id, mails


# Opening


def test_a_hit_opens_a_pre_jit_channel() -> None:
    nl, it = pair()
    case = it.case.to_dict()
    assert (case["title"], case["status"], case["hits"]) == ("Lantern", "pre-jit", [HIT.hex()])
    assert case["members"] == [
        {"team": team, "since": "2026-03-02T09:00:00.000Z", "until": None} for team in ("it", "nl")
    ]
    assert case["timeline"][0]["what"] == "opened the channel “Lantern” on 1 hit(s)"
    assert case == nl.case.to_dict() == json.loads(json.dumps(case))


def opened_with(**changes: object) -> object:
    fields: dict[str, object] = {
        "founder": "nl",
        "members": publics("nl", "it"),
        "hits": [HIT],
        "title": "Lantern",
        "legal_basis": BASIS,
        "chance": SeededChance("x"),
    }
    return opening(**{**fields, **changes})  # type: ignore[arg-type]


def test_without_a_signed_agreement_there_is_no_jit_space_and_the_way_out_is_named() -> None:
    with pytest.raises(Forbidden) as refusal:
        opened_with(status="jit")
    assert refusal.value.code == "no-agreement"
    assert "2023/969 Art. 2(2), 13(1)" in refusal.value.message
    assert refusal.value.remedy == "Open a pre-JIT channel on the hit instead."


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"hits": []}, Conflict),
        ({"hits": [b"short"]}, Conflict),
        ({"members": publics("nl")}, Malformed),
        ({"members": publics("it", "ro")}, Malformed),
        ({"legal_basis": " "}, Malformed),
        ({"title": ""}, Malformed),
    ],
)
def test_an_opening_without_hit_partner_basis_or_title_is_refused(
    changes: dict[str, object], kind: type[ComityError]
) -> None:
    with pytest.raises(kind):
        opened_with(**changes)


def test_an_opening_that_claims_to_be_a_jit_folds_to_pre_jit_and_is_reported() -> None:
    lying = OpenedEvent(
        "nl", 1, b"d" * 32, START, 1, pb.ChannelOpening(title="t", status="jit", members=["nl"])
    )
    case = fold([lying])
    assert case.status == "pre-jit"
    assert [each["kind"] for each in case.conflicts] == ["status-without-agreement"]


# Messages and closing


def test_messages_appear_with_nation_officer_time_and_text() -> None:
    nl, it = pair()
    it.take(say(nl, "good morning", 1))
    (entry,) = it.case.to_dict()["messages"]
    assert (entry["team"], entry["officer"], entry["text"]) == ("nl", "an officer", "good morning")
    assert entry["at"] == "2026-03-02T09:01:00.000Z"


@pytest.mark.parametrize("fields", [{"text": " "}, {"text": "a" * 70_000}, {"officer": ""}])
def test_an_entry_without_text_or_officer_is_refused(fields: dict[str, str]) -> None:
    nl, _ = pair()
    with pytest.raises(Malformed):
        message(nl.case, "nl", **{"text": "hello", "officer": "an officer", **fields}, chance=nl.chance)


def test_a_nation_that_is_no_member_writes_nothing() -> None:
    nl, _ = pair()
    with pytest.raises(Forbidden, match="Only members"):
        message(nl.case, "ro", text="hello", officer="an officer", chance=nl.chance)


def test_nothing_is_written_after_the_closing_and_what_came_beside_it_is_kept() -> None:
    nl, it = pair()
    beside = say(it, "one more thing", 2)
    nl.write(close(nl.case, "nl", reason="done", officer="R-JSA", chance=nl.chance), 2)
    nl.take(beside)
    assert (nl.case.status, len(nl.case.messages), nl.case.conflicts) == ("closed", 1, ())
    with pytest.raises(Conflict, match="closed"):
        say(nl, "too late", 3)


def test_what_a_node_writes_after_a_closing_it_knew_is_kept_and_reported() -> None:
    nl, it = pair()
    stale = it.case
    it.take(nl.write(close(nl.case, "nl", reason="done", officer="R-JSA", chance=nl.chance), 2))
    nl.take(it.write(message(stale, "it", text="still", officer="x", chance=it.chance), 3))
    assert [entry["text"] for entry in nl.case.messages] == ["still"]
    assert [each["kind"] for each in nl.case.conflicts] == ["after-closing"]


# Tasks


@pytest.mark.parametrize(("state", "to"), list(itertools.product(TASK_STATES, TASK_STATES)))
def test_a_task_moves_only_along_the_table(state: str, to: str) -> None:
    steps = list(itertools.pairwise(TASK_STATES))
    assert may_move(state, to) == ((state, to) in [*steps, ("Review", "Doing")])
    assert may_move(state, to) == ((state, to) in TASK_MOVES)


def test_the_nation_that_is_asked_approves_and_any_member_reviews() -> None:
    assert may_move_by("it", "it", "Requested", "Approved")
    assert not may_move_by("nl", "it", "Requested", "Approved")
    assert may_move_by("nl", "it", "Review", "Done")
    assert not may_move_by("it", "it", "Requested", "Done")


def test_a_task_goes_from_requested_to_done() -> None:
    nl, it = pair()
    task_id, mail = ask(nl, "CCTV of 2 March", "it", 1)
    it.take(mail)
    for minute, to in enumerate(("Approved", "Doing", "Review"), start=2):
        nl.take(move(it, task_id, to, minute))
    it.take(move(nl, task_id, "Done", 6))
    (entry,) = it.case.to_dict()["tasks"]
    assert (entry["state"], entry["conflict"]) == ("Done", False)
    assert [version["state"] for version in entry["history"]] == list(TASK_STATES)
    assert it.case.timeline[-1]["what"] == "set “CCTV of 2 March” to Done"


def test_a_nation_does_not_approve_anothers_work() -> None:
    nl, _ = pair()
    task_id, _ = ask(nl, "CCTV", "it", 1)
    with pytest.raises(Forbidden) as refusal:
        move(nl, task_id, "Approved", 2)
    assert refusal.value.remedy == "Ask it to move it."
    with pytest.raises(Conflict, match="cannot go"):
        move(nl, task_id, "Done", 2)


def test_a_task_asked_of_another_nation_is_requested_again() -> None:
    nl, it = pair()
    task_id, mail = ask(nl, "CCTV", "it", 1)
    it.take(mail)
    nl.take(move(it, task_id, "Approved", 2))
    nl.write(edit_task(nl.case, "nl", task_id, officer="R-JSA", assignee="nl"), 3)
    shown = nl.case.tasks[0].shown
    assert (shown.assignee, shown.state) == ("nl", "Requested")


def test_a_task_is_asked_of_a_member_and_found_by_its_id() -> None:
    nl, _ = pair()
    with pytest.raises(Forbidden):
        ask(nl, "CCTV", "ro", 1)
    with pytest.raises(NotFound):
        move(nl, bytes(16), "Approved", 1)


def disputed() -> tuple[Peer, Peer, bytes]:
    """nl changes the title while it approves."""
    nl, it = pair()
    task_id, mail = ask(nl, "CCTV", "it", 1)
    it.take(mail)
    move(it, task_id, "Approved", 2)
    nl.write(edit_task(nl.case, "nl", task_id, officer="R-JSA", title="CCTV and tolls"), 2)
    sync(nl, it)
    return nl, it, task_id


def test_edits_made_apart_are_both_kept_and_shown_as_a_conflict() -> None:
    nl, it, _task_id = disputed()
    (entry,) = nl.case.tasks
    assert entry.conflict
    assert {version.says for version in entry.versions} == {
        ("CCTV", "it", "Approved"),
        ("CCTV and tolls", "it", "Requested"),
    }
    assert [each["kind"] for each in nl.case.conflicts] == ["task"]
    assert nl.case.to_dict() == it.case.to_dict()


def test_a_disputed_task_stands_still_until_it_is_settled() -> None:
    nl, it, task_id = disputed()
    with pytest.raises(Conflict) as refusal:
        move(it, task_id, "Doing", 3)
    assert refusal.value.code == "task-in-conflict"
    approved = next(v for v in nl.case.tasks[0].versions if v.state == "Approved")
    nl.write(settle_task(nl.case, "nl", task_id, approved.event, officer="R-JSA"), 4)
    sync(nl, it)
    (entry,) = it.case.tasks
    assert (entry.conflict, entry.shown.state, len(entry.history)) == (False, "Approved", 4)
    assert it.case.conflicts == ()
    with pytest.raises(NotFound):
        settle_task(it.case, "it", task_id, bytes(32), officer="R-LO")


def test_the_same_edit_made_apart_is_no_conflict() -> None:
    nl, it = pair()
    task_id, mail = ask(nl, "CCTV", "nl", 1)
    it.take(mail)
    for peer in (nl, it):
        peer.write(edit_task(peer.case, peer.team, task_id, officer="x", title="Tolls"), 2)
    sync(nl, it)
    assert not nl.case.tasks[0].conflict
    assert nl.case.tasks[0].shown.title == "Tolls"


def test_a_forbidden_move_by_a_foreign_node_is_reported_and_changes_nothing() -> None:
    nl, it = pair()
    task_id, mail = ask(nl, "CCTV", "it", 1)
    it.take(mail)
    forced = pb.ChannelTask(id=task_id, title="CCTV", assignee="it", state="Done", officer="x")
    nl.write(Step(pb.CHANNEL_EVENT_KIND_TASK, forced), 2)
    sync(nl, it)
    (entry,) = it.case.tasks
    assert (entry.shown.state, len(entry.history)) == ("Requested", 2)
    assert [each["kind"] for each in it.case.conflicts] == ["task-move"]


# Files


DATA = bytes(range(256)) * 4096 + b"rest"  # two chunks and four bytes


def test_a_file_travels_in_parts_and_is_verified() -> None:
    nl, it = pair()
    file_id, mails = send_file(nl, DATA, 1)
    it.take_all(reversed(mails))
    file = it.case.file(file_id)
    assert file is not None
    assert (file.chunks, file.complete, file.missing) == (3, True, ())
    assert read_file(file, it.log, it.carried, it.ring) == DATA
    shown = it.case.to_dict()["files"][0]
    assert (shown["name"], shown["size"], shown["present"]) == ("ledger.csv", len(DATA), 3)


def test_a_file_with_a_missing_part_is_shown_as_incomplete_and_not_assembled() -> None:
    nl, it = pair()
    file_id, mails = send_file(nl, DATA, 1)
    it.take_all(mails[:-1])
    file = it.case.file(file_id)
    assert file is not None
    assert (file.complete, file.missing) == (False, (2,))
    with pytest.raises(Conflict, match="not complete"):
        read_file(file, it.log, it.carried, it.ring)


def test_parts_that_do_not_make_the_announced_file_are_refused() -> None:
    nl, _ = pair()
    file_id, _ = send_file(nl, b"true", 1)
    file = nl.case.file(file_id)
    assert file is not None
    with pytest.raises(Corrupt):
        assemble(file, {0: b"fals"})


def test_only_the_announcing_nation_sends_the_parts() -> None:
    nl, it = pair()
    file_id, mails = send_file(nl, b"true", 1)
    it.take_all(mails[:1])
    it.write(Step(pb.CHANNEL_EVENT_KIND_CHUNK, pb.ChannelChunk(file=file_id, data=b"fals")), 2)
    sync(nl, it)
    file = it.case.file(file_id)
    assert file is not None
    assert read_file(file, it.log, it.carried, it.ring) == b"true"
    assert [each["kind"] for each in it.case.conflicts] == ["stray-chunk"]


def test_a_part_sent_in_two_versions_is_reported_and_the_first_stands() -> None:
    nl, _ = pair()
    file_id, _ = send_file(nl, b"true", 1)
    nl.write(Step(pb.CHANNEL_EVENT_KIND_CHUNK, pb.ChannelChunk(file=file_id, data=b"fals")), 2)
    assert [each["kind"] for each in nl.case.conflicts] == ["chunk-twice"]
    file = nl.case.file(file_id)
    assert file is not None
    assert read_file(file, nl.log, nl.carried, nl.ring) == b"true"


def test_a_second_file_under_the_same_id_is_reported_and_the_first_stands() -> None:
    nl, _ = pair()
    file_id, _ = send_file(nl, b"true", 1)
    rival = pb.ChannelFile(id=file_id, name="other", size=1, sha256=bytes(32), chunks=1)
    nl.write(Step(pb.CHANNEL_EVENT_KIND_FILE, rival), 2)
    assert [file.name for file in nl.case.files] == ["ledger.csv"]
    assert [each["kind"] for each in nl.case.conflicts] == ["file-twice"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3 * CHUNK_BYTES // 2), max_size=3))
def test_parts_are_the_same_however_the_file_is_read(sizes: list[int]) -> None:
    blocks = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    data = b"".join(blocks)
    assert list(chunks(b"f", blocks)) == list(chunks(b"f", data))
    parts = [step.payload for step in chunks(b"f", data)]
    assert b"".join(part.data for part in parts if isinstance(part, pb.ChannelChunk)) == data
    assert all(isinstance(part, pb.ChannelChunk) and len(part.data) <= CHUNK_BYTES for part in parts)


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", "a\\b", "con:1", "x\n", " x", "x.", "a\u202eb", "é" * 200]
)
def test_a_file_name_that_is_a_path_or_hides_something_is_refused(name: str) -> None:
    nl, _ = pair()
    with pytest.raises(Malformed):
        send_file(nl, b"data", 1, name=name)


def test_an_empty_file_is_complete_at_once() -> None:
    nl, _ = pair()
    file_id, _ = send_file(nl, b"", 1)
    file = nl.case.file(file_id)
    assert file is not None
    assert file.complete
    assert read_file(file, nl.log, nl.carried, nl.ring) == b""


# Members


def test_a_third_nation_joins_with_the_past_that_was_agreed() -> None:
    nl, it = pair()
    it.take(say(nl, "before", 1))
    members = publics("nl", "it", "ro")
    it.write(
        add_member(
            it.log, "it", members, "ro", reason="hit", chance=it.chance, granted=it.ring, agreed=["nl"]
        ),
        2,
    )
    ro = Peer("ro", nl.log.channel)
    sync(nl, it, ro)
    assert ro.case.to_dict() == nl.case.to_dict()
    assert [entry["text"] for entry in ro.case.messages] == ["before"]
    assert {m.team: m.since.minute for m in ro.case.members} == {"nl": 0, "it": 0, "ro": 2}


def test_the_past_is_not_given_without_the_consent_of_those_who_wrote_it() -> None:
    nl, it = pair()
    it.take(say(nl, "before", 1))
    with pytest.raises(Forbidden) as refusal:
        add_member(
            it.log, "it", publics("nl", "it", "ro"), "ro", reason="r", chance=it.chance, granted=it.ring
        )
    assert refusal.value.code == "not-agreed"


def test_a_removal_is_shown_with_its_day_and_states_the_last_valid_sequence() -> None:
    nl, it = pair()
    nl.take(say(it, "bye", 1))
    mail = nl.write(
        remove_member(nl.log, "nl", publics("nl"), "it", reason="asked to leave", chance=nl.chance), 2
    )
    change = open_event(read_event(mail.event), nl.ring[mail.digest])
    assert isinstance(change, pb.MembersChange)
    assert dict(change.last_sequence) == {"it": nl.log.last_sequence("it")} == {"it": 1}
    assert [m.until for m in nl.case.members if m.team == "it"] != [None]
    assert nl.case.timeline[-1]["what"] == "removed it: asked to leave"


def refused_changes(peer: Peer) -> list[tuple[Callable[[], object], type[ComityError]]]:
    log, chance = peer.log, peer.chance
    both, all_three = publics("nl", "it"), publics("nl", "it", "ro")
    return [
        (lambda: add_member(log, "nl", both, "it", reason="", chance=chance), Conflict),
        (lambda: add_member(log, "nl", both, "ro", reason="", chance=chance), Malformed),
        (lambda: remove_member(log, "nl", both, "ro", reason="", chance=chance), Conflict),
        (lambda: remove_member(log, "nl", publics("it"), "nl", reason="", chance=chance), Forbidden),
        (lambda: remove_member(log, "nl", both, "it", reason="", chance=chance), Malformed),
        (lambda: renew_key(log, "nl", all_three, reason="", chance=chance), Malformed),
    ]


@pytest.mark.parametrize("case", range(6))
def test_a_membership_change_that_does_not_fit_the_members_is_refused(case: int) -> None:
    nl, _ = pair()
    step, kind = refused_changes(nl)[case]
    with pytest.raises(kind):
        step()


def test_an_erased_payload_folds_to_a_tombstone() -> None:
    nl, _ = pair()
    mail = say(nl, "to be erased", 1)
    say(nl, "stays", 2)
    carried = {digest: event for digest, event in nl.carried.items() if digest != mail.digest}
    case = fold(read_events(nl.log, carried, nl.ring))
    assert [entry["text"] for entry in case.messages] == ["stays"]
    assert [entry["event"] for entry in case.unreadable] == [mail.digest]
    assert b"to be erased" not in husk(mail.event)


def test_a_node_without_the_present_key_cannot_write() -> None:
    nl, _ = pair()
    step = message(nl.case, "nl", text="x", officer="x", chance=nl.chance)
    nl.ring = {}
    with pytest.raises(Forbidden, match="present key"):
        nl.write(step, 1)


# One case on every node


def busy_life() -> tuple[Peer, list[OpenedEvent]]:
    nl, it, task_id = disputed()
    say(nl, "hello", 3)
    send_file(it, b"photo", 3)
    sync(nl, it)
    nl.write(settle_task(nl.case, "nl", task_id, nl.case.tasks[0].versions[0].event, officer="x"), 5)
    step = add_member(it.log, "it", publics("nl", "it", "ro"), "ro", reason="hit", chance=it.chance)
    it.write(step, 4)
    sync(nl, it)
    return nl, read_events(nl.log, nl.carried, nl.ring)


LIFE, EVENTS = busy_life()


@settings(max_examples=60, deadline=None)
@given(st.permutations(EVENTS), st.lists(st.sampled_from(EVENTS), max_size=5))
def test_any_order_and_repetition_of_the_same_events_gives_the_same_case(
    order: list[OpenedEvent], again: list[OpenedEvent]
) -> None:
    assert fold([*order, *again], channel=LIFE.log.channel).to_dict() == LIFE.case.to_dict()


class Network(RuleBasedStateMachine):
    """Four nations on a network that loses, repeats and reorders; nodes restart; members come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.minute = 0
        self.sent: list[Mail] = []
        self.peers: dict[str, Peer] = {}

    @initialize()
    def a_channel_is_opened(self) -> None:
        self.peers, opened = open_channel("nl", "it", "ro")
        self.sent = [opened]

    def writes(self, team: str, make: Callable[[Peer], tuple[Step, ...] | object]) -> None:
        """Write if the node may; a refusal is an answer too, and must leave the node as it was."""
        peer = self.peers[team]
        self.minute += 1
        before = len(peer.log)
        try:
            step = make(peer)
            self.sent.append(peer.write(step, self.minute))  # type: ignore[arg-type]
        except (Conflict, Forbidden, NotFound):
            assert len(peer.log) == before

    @rule(team=st.sampled_from(sorted(KEYS)))
    def says(self, team: str) -> None:
        text = f"minute {self.minute}"
        self.writes(team, lambda p: message(p.case, team, text=text, officer="x", chance=p.chance))

    @rule(team=st.sampled_from(sorted(KEYS)), assignee=st.sampled_from(sorted(KEYS)))
    def asks(self, team: str, assignee: str) -> None:
        self.writes(
            team, lambda p: task(p.case, team, title="T", assignee=assignee, officer="x", chance=p.chance)
        )

    @rule(team=st.sampled_from(sorted(KEYS)), to=st.sampled_from(TASK_STATES), place=st.integers(0, 3))
    def moves(self, team: str, to: str, place: int) -> None:
        def step(peer: Peer) -> Step:
            tasks = peer.case.tasks
            if not tasks:
                raise NotFound("none yet")
            entry = tasks[place % len(tasks)]
            if entry.conflict:
                return settle_task(peer.case, team, entry.id, entry.versions[0].event, officer="x")
            return move_task(peer.case, team, entry.id, to, officer="x")

        self.writes(team, step)

    @rule(team=st.sampled_from(sorted(KEYS)), newcomer=st.sampled_from(sorted(KEYS)))
    def adds(self, team: str, newcomer: str) -> None:
        self.writes(
            team,
            lambda p: add_member(
                p.log, team, publics(*(p.log.members | {newcomer})), newcomer, reason="x", chance=p.chance
            ),
        )

    @rule(team=st.sampled_from(sorted(KEYS)), leaver=st.sampled_from(sorted(KEYS)))
    def removes(self, team: str, leaver: str) -> None:
        self.writes(
            team,
            lambda p: remove_member(
                p.log, team, publics(*(p.log.members - {leaver})), leaver, reason="x", chance=p.chance
            ),
        )

    @rule(team=st.sampled_from(sorted(KEYS)))
    def renews(self, team: str) -> None:
        self.writes(
            team, lambda p: renew_key(p.log, team, publics(*p.log.members), reason="x", chance=p.chance)
        )

    @rule(team=st.sampled_from(sorted(KEYS)), places=st.lists(st.integers(0, 200), max_size=6))
    def some_mail_arrives(self, team: str, places: list[int]) -> None:
        self.peers[team].take_all(self.sent[place % len(self.sent)] for place in places)

    @rule(asker=st.sampled_from(sorted(KEYS)), other=st.sampled_from(sorted(KEYS)))
    def catches_up(self, asker: str, other: str) -> None:
        self.peers[asker].catch_up_from(self.peers[other])

    @rule(team=st.sampled_from(sorted(KEYS)), backwards=st.booleans())
    def restarts(self, team: str, backwards: bool) -> None:
        peer = self.peers[team]
        before = peer.case.to_dict()
        stored = list(peer.mail.values())
        peer.restart(reversed(stored) if backwards else stored)
        assert peer.case.to_dict() == before

    @precondition(lambda self: self.peers)
    @invariant()
    def who_holds_the_same_events_sees_the_same(self) -> None:
        for one, other in itertools.combinations(self.peers.values(), 2):
            if one.log.vector() == other.log.vector() and one.digests() == other.digests():
                assert one.log.entries() == other.log.entries()
                if one.ring == other.ring:
                    assert one.case.to_dict() == other.case.to_dict()

    def teardown(self) -> None:
        for peer in self.peers.values():
            peer.take_all(self.sent)
        if not self.peers:
            return
        first, *others = self.peers.values()
        assert len(first.log) == len(self.sent)
        assert not first.log.missing()
        for other in others:
            assert other.log.entries() == first.log.entries()
            assert other.log.view == first.log.view
        self.nobody_reads_what_was_not_wrapped_for_it()

    def nobody_reads_what_was_not_wrapped_for_it(self) -> None:
        for peer in self.peers.values():
            for entry in peer.log.entries():
                given_to = peer.log.entry(entry.key_of).record.teams
                assert (entry.key_of in peer.ring) == (peer.team in given_to)


TestNetwork = Network.TestCase
TestNetwork.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
