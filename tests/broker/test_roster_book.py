"""The pinned roster: what is taken, what is refused, what others see of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from broker.bootstrap import Parts
from broker.store.tables import RosterVersion
from comity.errors import ComityError, Conflict, Corrupt, Expired, NotFound, Unauthenticated
from comity.identifiers import broker_spiffe, node_spiffe
from comity.roster import fingerprint_of
from tests.broker.federation import FEDERATION, TEAMS, card_of, join, joined_home, new_home, now, roster_of


def test_a_roster_is_pinned_by_its_fingerprint_and_kept(tmp_path: Path) -> None:
    home = joined_home(tmp_path)
    parts = Parts(home.folder)
    roster = parts.rosters.current()
    assert roster.version == 1
    assert set(parts.rosters.trusted()) == {
        *(node_spiffe(FEDERATION, name) for name in TEAMS),
        broker_spiffe(FEDERATION, "hub"),
    }
    assert parts.rosters.trusted()[node_spiffe(FEDERATION, "nl")] == TEAMS["nl"].authority.cert_pem
    parts.close()


def test_nobody_is_trusted_before_a_roster_is_pinned(tmp_path: Path) -> None:
    parts = Parts(new_home(tmp_path).folder)
    assert parts.rosters.trusted() == {}
    with pytest.raises(NotFound, match="not joined"):
        parts.rosters.current()
    parts.close()


def test_another_fingerprint_pins_nothing(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    parts = Parts(home.folder)
    with pytest.raises(Unauthenticated):
        parts.join(roster_of(card_of(home)), "sha256:" + "0" * 64)
    with pytest.raises(Conflict, match="fingerprint"):
        parts.join(roster_of(card_of(home)), None)
    assert parts.rosters.trusted() == {}
    parts.close()


def test_a_roster_with_another_witness_key_for_this_broker_is_refused(tmp_path: Path) -> None:
    home, other = new_home(tmp_path / "a"), new_home(tmp_path / "b")
    with pytest.raises(Conflict) as refused:
        join(home, roster_of(card_of(other)))
    assert refused.value.code == "not-listed"


def test_the_next_version_is_taken_while_serving(tmp_path: Path) -> None:
    home = joined_home(tmp_path)
    serving = Parts(home.folder)
    first = serving.rosters.current()
    join(home, roster_of(card_of(home), teams=("it", "nl"), previous=first), pin=False)
    serving.rosters._looked_at = float("-inf")  # a second has passed
    assert serving.rosters.current().version == 2
    assert node_spiffe(FEDERATION, "ro") not in serving.rosters.trusted()
    assert not serving.rosters.is_member("ro")
    assert serving.rosters.envelope(1) == first.envelope
    assert serving.rosters.envelope(0) == serving.rosters.envelope(2)
    with pytest.raises(NotFound):
        serving.rosters.envelope(3)
    serving.close()


def test_the_same_version_again_changes_nothing(tmp_path: Path) -> None:
    home = joined_home(tmp_path)
    parts = Parts(home.folder)
    envelope = parts.rosters.current().envelope
    assert parts.join(envelope, None).version == 1
    assert parts.join(envelope, fingerprint_of(envelope)).version == 1
    with pytest.raises(Conflict, match="another roster"):
        parts.join(roster_of(card_of(home)), "sha256:" + "0" * 64)
    parts.close()


def test_a_rolled_back_roster_is_refused(tmp_path: Path) -> None:
    home = joined_home(tmp_path)
    parts = Parts(home.folder)
    first = parts.rosters.current()
    parts.join(roster_of(card_of(home), previous=first), None)
    with pytest.raises(ComityError):
        parts.join(first.envelope, None)
    assert parts.rosters.current().version == 2
    parts.close()


def test_a_member_added_in_the_database_is_noticed_and_nobody_is_trusted(tmp_path: Path) -> None:
    home = joined_home(tmp_path)
    parts = Parts(home.folder)
    with parts.database.write() as session:
        row = session.exec(select(RosterVersion)).one()
        row.envelope = row.envelope.replace(b"Team ro", b"Team xx")
        session.add(row)
    with pytest.raises(Corrupt):
        parts.rosters.trusted()
    parts.close()


def test_an_expired_roster_is_handed_out_and_opens_no_mailbox(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    issued = now() - timedelta(days=3)
    join(home, roster_of(card_of(home), issued_at=issued, lifetime=timedelta(days=1)))
    parts = Parts(home.folder)
    assert parts.rosters.envelope(0).payload
    with pytest.raises(Expired):
        parts.boxes.put(sender="nl", recipient="it", mail=bytes(16), sealed=b"x")
    parts.close()
