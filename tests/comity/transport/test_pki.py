"""Authorities, leaves, and the verification of one leaf under one authority."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from comity.errors import ComityError, Expired, Malformed, Unauthenticated
from comity.identifiers import Identity
from comity.transport import pki
from comity.transport.pki import KeyPair

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SPIFFE = "spiffe://eu-thb/team/nl/node"


@pytest.fixture(scope="module")
def authority() -> KeyPair:
    return pki.make_authority("team nl", NOW)


@pytest.fixture(scope="module")
def leaf(authority: KeyPair) -> KeyPair:
    return pki.issue_leaf(*authority, spiffe=SPIFFE, dns="node.nl.eu-thb", now=NOW)


def test_a_leaf_proves_its_one_name(authority: KeyPair, leaf: KeyPair) -> None:
    assert pki.verify_leaf(leaf.cert_pem, authority.cert_pem, NOW) == SPIFFE


def test_a_leaf_has_the_usages_that_spiffe_and_tls_ask_for(leaf: KeyPair) -> None:
    certificate = x509.load_pem_x509_certificate(leaf.cert_pem)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert set(extended) == {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH}
    assert certificate.not_valid_after_utc == NOW + timedelta(days=7)


def test_a_leaf_of_another_authority_with_the_same_name_is_refused(leaf: KeyPair) -> None:
    twin = pki.make_authority("team nl", NOW)
    with pytest.raises(Unauthenticated, match="not issued by the authority"):
        pki.verify_leaf(leaf.cert_pem, twin.cert_pem, NOW)


@pytest.mark.parametrize(
    ("at", "words"),
    [(NOW + timedelta(days=7, seconds=1), "expired on"), (NOW - timedelta(hours=1), "valid only from")],
)
def test_a_leaf_outside_its_time_is_refused_in_words(
    authority: KeyPair, leaf: KeyPair, at: datetime, words: str
) -> None:
    with pytest.raises(Expired, match=words):
        pki.verify_leaf(leaf.cert_pem, authority.cert_pem, at)


def test_a_leaf_cannot_issue_another_leaf(authority: KeyPair, leaf: KeyPair) -> None:
    below = pki.issue_leaf(*leaf, spiffe=SPIFFE, dns="node.nl.eu-thb", now=NOW)
    with pytest.raises(Unauthenticated):
        pki.verify_leaf(below.cert_pem, authority.cert_pem, NOW)


def test_an_authority_is_no_leaf(authority: KeyPair) -> None:
    with pytest.raises(Unauthenticated):
        pki.verify_leaf(authority.cert_pem, authority.cert_pem, NOW)


@pytest.mark.parametrize(
    "pem", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate_is_malformed(authority: KeyPair, pem: bytes) -> None:
    with pytest.raises(Malformed):
        pki.verify_leaf(pem, authority.cert_pem, NOW)


def test_an_endless_certificate_is_not_parsed(authority: KeyPair) -> None:
    with pytest.raises(Malformed, match="16 KiB"):
        pki.load_certificate(authority.cert_pem + b" " * 20_000)


def test_a_tampered_leaf_never_verifies(authority: KeyPair, leaf: KeyPair) -> None:
    """Any change of a character of the base64 body refuses, whatever the words."""
    lines = leaf.cert_pem.decode().splitlines()
    for row in range(1, len(lines) - 1):
        changed = [*lines]
        old = changed[row][7]
        changed[row] = changed[row][:7] + ("A" if old != "A" else "B") + changed[row][8:]
        with pytest.raises(ComityError):
            pki.verify_leaf("\n".join(changed).encode() + b"\n", authority.cert_pem, NOW)


def test_an_authority_key_of_another_kind_is_refused(authority: KeyPair) -> None:
    with pytest.raises(Malformed):
        pki.issue_leaf(b"no key", authority.cert_pem, spiffe=SPIFFE, dns="node.nl.eu-thb", now=NOW)


def test_names_follow_the_identity() -> None:
    assert pki.dns_name(Identity("eu-thb", "team", "nl")) == "node.nl.eu-thb"
    assert pki.dns_name(Identity("eu-thb", "broker", "hub")) == "broker.hub.eu-thb"
    assert pki.not_after(pki.make_authority("x", NOW).cert_pem) > NOW + timedelta(days=3_650)
