"""The promises of the `Vault` port, on each engine that keeps its data keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Corrupt, Expired
from node.adapters.store import SqlStore
from node.adapters.vault import SealedVault
from node.records import DataKey
from tests.contract.conftest import fail_after, new_vault

PLACE = "data_item/1/value"


def sealed(store: SqlStore, vault: SealedVault, data: bytes = b"Marius", key: str = "case:1") -> bytes:
    with store.write() as session:
        return vault.seal(session, PLACE, data, key)


def test_what_was_sealed_opens_in_its_place_also_after_a_restart(store: SqlStore, vault: SealedVault) -> None:
    box = sealed(store, vault)
    assert b"Marius" not in box
    for each in (vault, new_vault()):
        with store.read() as session:
            assert each.open(session, PLACE, box, "case:1") == b"Marius"


def test_a_box_does_not_open_in_another_place(store: SqlStore, vault: SealedVault) -> None:
    box = sealed(store, vault)
    with store.read() as session, pytest.raises(Corrupt):
        vault.open(session, "data_item/2/value", box, "case:1")


def test_a_box_does_not_open_under_another_data_key(store: SqlStore, vault: SealedVault) -> None:
    box = sealed(store, vault)
    sealed(store, vault, key="case:2")
    with store.read() as session, pytest.raises(Corrupt):
        vault.open(session, PLACE, box, "case:2")


@pytest.mark.parametrize("length", [0, 1, 12, 28])
def test_a_box_cut_short_is_corrupt_and_not_a_crash(store: SqlStore, vault: SealedVault, length: int) -> None:
    box = sealed(store, vault)
    with store.read() as session, pytest.raises(Corrupt):
        vault.open(session, PLACE, box[:length], "case:1")


def test_an_erased_key_opens_nothing_any_more_and_seals_nothing_new(
    store: SqlStore, vault: SealedVault
) -> None:
    box = sealed(store, vault)
    with store.write() as session:
        assert vault.erase_key(session, "case:1")
        assert not vault.erase_key(session, "case:7")
    for each in (vault, new_vault()):
        with store.read() as session, pytest.raises(Expired):
            each.open(session, PLACE, box, "case:1")
    with pytest.raises(Expired):
        sealed(store, vault)
    with store.read() as session:
        row = session.get(DataKey, "case:1")
    assert row is not None
    assert row.wrapped is None
    assert row.erased_at is not None


def test_a_key_made_in_a_transaction_that_failed_is_used_by_nobody(
    store: SqlStore, vault: SealedVault
) -> None:
    """Else what is sealed afterwards would be lost with the next restart."""
    with pytest.raises(ZeroDivisionError):
        fail_after(store, lambda session: vault.seal(session, PLACE, b"never kept", "case:1"))
    box = sealed(store, vault)
    with store.read() as session:
        assert new_vault().open(session, PLACE, box, "case:1") == b"Marius"


def test_an_erasure_that_failed_erased_nothing(store: SqlStore, vault: SealedVault) -> None:
    box = sealed(store, vault)
    with pytest.raises(ZeroDivisionError):
        fail_after(store, lambda session: vault.erase_key(session, "case:1"))
    with store.read() as session:
        assert vault.open(session, PLACE, box, "case:1") == b"Marius"


def test_another_key_encryption_key_opens_nothing_and_says_which_file_to_look_at(
    store: SqlStore, vault: SealedVault
) -> None:
    box = sealed(store, vault)
    with store.read() as session, pytest.raises(Corrupt) as wrong:
        new_vault(bytes(32)).open(session, PLACE, box, "case:1")
    assert wrong.value.remedy is not None
    assert "kek.key" in wrong.value.remedy


def test_the_same_data_sealed_twice_gives_two_boxes(store: SqlStore, vault: SealedVault) -> None:
    assert sealed(store, vault) != sealed(store, vault)


@given(data=st.binary(max_size=64), other=st.binary(max_size=64))
def test_look_up_digests_agree_for_one_node_and_purpose_only(data: bytes, other: bytes) -> None:
    vault = new_vault()
    assert vault.digest("selector", data) == new_vault(seed="after a restart").digest("selector", data)
    assert vault.digest("selector", data) != vault.digest("case", data)
    assert vault.digest("selector", data) != new_vault(bytes(32)).digest("selector", data)
    assert (vault.digest("selector", data) == vault.digest("selector", other)) == (data == other)
