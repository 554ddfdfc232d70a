"""T03: nobody becomes a member, changes a key or lowers a threshold without a threshold of root keys."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.envelope import Signer
from comity.errors import ComityError, Conflict, Unauthenticated
from comity.roster import TrustedRoster, build_roster, make_card, sign_roster
from comity.seal import SealingKey
from comity.v1.envelope_pb2 import Envelope
from comity.v1.roster_pb2 import TeamCard
from tests.attackers import federation, holdings
from tests.simulator import FEDERATION, MEMBER_STATE, PEM, Federation, Team

THIEF = Signer(bytes([66]) * 32)


def trusted(team: Team) -> TrustedRoster:
    with team.node.store.read() as session:
        return team.node.roster(session)


def card(name: str, team: Team | None = None, **replaced: bytes) -> TeamCard:
    """A team's card, or a thief's under that name."""
    keys = {
        "root_key": team.root.public if team else THIEF.public,
        "signing_key": team.node.keys.signer.public if team else Signer(bytes([67]) * 32).public,
        "sealing_key": team.node.keys.sealing.public if team else SealingKey(bytes(32)).public,
        "authority_pem": PEM,
    }
    return make_card(
        team=name,
        state=name.upper(),
        name=f"Team {name}",
        member_class=MEMBER_STATE,
        address=f"node.{name}.example:7443",
        **{**keys, **replaced},
    )


def next_roster(made: Federation, cards: list[TeamCard], **changed: Any) -> Envelope:
    """Version 2, unsigned, made from version 1."""
    settings: dict[str, Any] = {"root_threshold": 3, "share_threshold": 2, **changed}
    return build_roster(
        cards,
        federation=FEDERATION,
        composer="nl",
        issued_at=made.clock.now(),
        chance=made.chance,
        previous=settings.pop("previous", trusted(made["nl"])),
        mode="exercise",
        **settings,
    )


def genuine(made: Federation) -> list[TeamCard]:
    return [card(name, team) for name, team in made.teams.items()]


def follow(team: Team, envelope: Envelope) -> Any:
    return team.run("roster.follow", roster=base64.b64encode(envelope.SerializeToString()).decode())


def one_more_member(made: Federation) -> Envelope:
    return next_roster(made, [*genuine(made), card("de")])


def a_replaced_key(made: Federation) -> Envelope:
    return next_roster(made, [*genuine(made)[:2], card("ro", made["ro"], signing_key=THIEF.public)])


def a_lower_threshold(made: Federation) -> Envelope:
    return next_roster(made, genuine(made), root_threshold=1)


@pytest.mark.parametrize("forgery", [one_more_member, a_replaced_key, a_lower_threshold])
def test_a_roster_that_too_few_root_keys_signed_is_refused(
    tmp_path: Path, forgery: Callable[[Federation], Envelope]
) -> None:
    made = federation(tmp_path)
    unsigned = forgery(made)
    signed_by_two = sign_roster(sign_roster(unsigned, made["ro"].root), made["it"].root)
    signed_by_a_stranger = sign_roster(signed_by_two, THIEF)
    signed_by_one_twice = sign_roster(sign_roster(unsigned, made["ro"].root), made["ro"].root)
    for name, team in made.teams.items():
        before = holdings(team)
        for forged in (unsigned, signed_by_two, signed_by_a_stranger, signed_by_one_twice):
            with pytest.raises(ComityError) as refused:
                follow(team, forged)
            assert isinstance(refused.value, Unauthenticated), name
        assert holdings(team) == before
        assert trusted(team).version == 1
        assert trusted(team).find("de") is None


def test_a_roster_whose_bytes_changed_after_it_was_signed_is_refused(tmp_path: Path) -> None:
    made = federation(tmp_path)
    envelope = next_roster(made, genuine(made))
    for team in made.teams.values():
        envelope = sign_roster(envelope, team.root)
    forged = Envelope.FromString(envelope.SerializeToString())
    forged.payload = a_lower_threshold(made).payload
    with pytest.raises(Unauthenticated):
        follow(made["nl"], forged)
    assert follow(made["nl"], envelope)["version"] == 2  # the true one


def test_a_roster_never_goes_back_and_never_forks(tmp_path: Path) -> None:
    made = federation(tmp_path)
    old = trusted(made["nl"])
    versions = [next_roster(made, genuine(made)), next_roster(made, genuine(made)[:2], root_threshold=2)]
    for team in made.teams.values():
        versions = [sign_roster(version, team.root) for version in versions]
    follow(made["nl"], versions[0])
    for stale in (made.roster, versions[0], versions[1]):
        with pytest.raises(Conflict):
            follow(made["nl"], stale)
    assert trusted(made["nl"]).version == old.version + 1
    assert {member.team for member in trusted(made["nl"]).members} == {"nl", "it", "ro"}


def test_a_whole_forged_federation_has_another_fingerprint(tmp_path: Path) -> None:
    made = federation(tmp_path / "true")
    forged = Federation(tmp_path / "forged", seed="thief", keys=False)
    assert forged.fingerprint != made.fingerprint
    with pytest.raises(Unauthenticated) as refused:
        TrustedRoster.pin(forged.roster, made.fingerprint, made.clock.now())
    assert refused.value.code == "other-fingerprint"
