"""Settings, keys, certificate renewal, the card."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from broker import settings as settings_file
from comity.errors import Conflict, Malformed, NotFound
from comity.transport import broker_card, pki
from comity.transport.folder import Leaf
from tests.broker.federation import HUB, card_of, new_home, now


def test_settings_have_defaults_and_take_what_the_file_says(tmp_path: Path) -> None:
    new_home(tmp_path, threads=16, sender_mib=3)
    settings = settings_file.load(tmp_path)
    assert (settings.threads, settings.keep_days, settings.listen_on) == (16, 28, "[::]:7443")
    assert settings.quotas.sender_bytes == 3 * 1_048_576
    assert settings.database_url(tmp_path) == f"sqlite:///{tmp_path}/broker.sqlite"


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_home(tmp_path, threads=16)
    monkeypatch.setenv("COMITY_BROKER_THREADS", "32")
    assert settings_file.load(tmp_path).threads == 32


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("thread = 8", "thread"),
        ("threads = 0", "threads"),
        ("keep_days = 29", "keep_days"),
        ('threads = "many"', "threads"),
    ],
)
def test_a_setting_that_is_wrong_is_refused_by_its_name(tmp_path: Path, line: str, field: str) -> None:
    new_home(tmp_path)
    with (tmp_path / "settings.toml").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(Malformed) as refused:
        settings_file.load(tmp_path)
    assert refused.value.field == field
    assert field in refused.value.message


def test_a_file_that_is_no_toml_is_refused_in_words(tmp_path: Path) -> None:
    new_home(tmp_path)
    (tmp_path / "settings.toml").write_text("broker: hub")
    with pytest.raises(Malformed, match="not TOML"):
        settings_file.load(tmp_path)


def test_a_folder_that_is_no_home_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(Malformed) as refused:
        settings_file.load(tmp_path)
    assert "init" in (refused.value.remedy or "")


def test_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    before = home.read("authority.key")
    with pytest.raises(Conflict):
        home.create(broker="hub", now=now())
    assert home.read("authority.key") == before
    for name in ("authority.key", "witness.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_the_certificate_is_kept_and_renewed_at_two_thirds_of_its_life(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    start = now()
    first = Leaf(home, home.authority(), HUB, timedelta(days=7)).at(start)
    leaf = Leaf(home, home.authority(), HUB, timedelta(days=7))
    assert leaf.at(start + timedelta(days=4)) == first
    renewed = leaf.at(start + timedelta(days=5))
    assert renewed != first
    assert pki.verify_leaf(renewed.cert_pem, home.read("authority.pem"), start + timedelta(days=11))


def test_a_damaged_certificate_file_is_replaced(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    home.write("leaf.pem", b"half a file")
    pair = Leaf(home, home.authority(), HUB, timedelta(days=7)).at(now())
    assert pki.verify_leaf(pair.cert_pem, home.read("authority.pem"), now())


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    home.remove("witness.key")
    with pytest.raises(NotFound, match=r"witness\.key"):
        home.witness()


def test_a_damaged_witness_key_is_refused(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    home.write("witness.key", b"zz")
    with pytest.raises(Malformed):
        home.witness()


def test_a_card_survives_its_text_and_a_windows_mail_program(tmp_path: Path) -> None:
    card = card_of(new_home(tmp_path))
    text = broker_card.to_text(card)
    assert broker_card.from_text(text) == card
    assert broker_card.from_text(text.replace("\n", "\r\n")) == card
    assert broker_card.card_fingerprint(card).startswith("sha256:")


@pytest.mark.parametrize("change", [("BROKER", "BRAKER"), ("Cg", "!!"), ("-----END", "")])
def test_a_damaged_card_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    text = broker_card.to_text(card_of(new_home(tmp_path)))
    with pytest.raises(Malformed):
        broker_card.from_text(text.replace(*change, 1))
