"""Who may call: TLS, and the name under its own team's authority."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]

from comity.errors import Expired, Unauthenticated, Unavailable
from comity.transport.identity import caller
from comity.transport.pki import KeyPair
from comity.v1 import broker_pb2, broker_pb2_grpc
from tests.comity.transport.peers import Team, Wire, leaf_of, now, serve


@pytest.fixture(scope="module")
def it() -> Team:
    return Team.make("it")


@pytest.fixture(scope="module")
def nl() -> Team:
    return Team.make("nl")


@pytest.fixture(scope="module")
def ro() -> Team:
    return Team.make("ro")


@pytest.fixture
def wire(it: Team, nl: Team, ro: Team) -> Iterator[Wire]:
    trusted = {team.spiffe: team.authority.cert_pem for team in (it, nl, ro)}
    wire = serve(it, trusted)
    yield wire
    wire.server.stop(None)


def test_a_peer_of_the_roster_is_answered_and_known_by_name(wire: Wire, nl: Team) -> None:
    assert wire.call(nl.leaf) == 7
    assert wire.box.callers == [nl.identity]


def test_a_name_minted_by_another_members_authority_is_refused(wire: Wire, nl: Team, ro: Team) -> None:
    forged = leaf_of(ro.authority, "nl")
    error = wire.refusal(forged)
    assert isinstance(error, Unauthenticated)
    assert error.code == "wrong-authority"
    assert wire.box.callers == []


def test_the_forgery_is_refused_after_the_genuine_leaf_was_accepted(wire: Wire, nl: Team, ro: Team) -> None:
    wire.call(nl.leaf)
    assert isinstance(wire.refusal(leaf_of(ro.authority, "nl")), Unauthenticated)
    assert wire.box.callers == [nl.identity]


def _leaf_with(authority: KeyPair, names: list[x509.GeneralName]) -> KeyPair:
    """A leaf that the authority signs with any names at all: what `issue_leaf` never does."""
    signer = serialization.load_pem_private_key(authority.key_pem, None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    issuer = x509.load_pem_x509_certificate(authority.cert_pem)
    key = ec.generate_private_key(ec.SECP256R1())
    genuine = x509.load_pem_x509_certificate(leaf_of(authority, "nl").cert_pem)
    builder = x509.CertificateBuilder(
        issuer.subject, genuine.subject, key.public_key(), genuine.serial_number
    )
    builder = builder.not_valid_before(now() - timedelta(minutes=1)).not_valid_after(
        now() + timedelta(days=1)
    )
    for extension in genuine.extensions:
        if not isinstance(extension.value, x509.SubjectAlternativeName | x509.SubjectKeyIdentifier):
            builder = builder.add_extension(extension.value, extension.critical)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    pem = builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(key_pem, pem)


def test_a_certificate_with_two_names_is_refused(wire: Wire, nl: Team, ro: Team) -> None:
    uris = [x509.UniformResourceIdentifier(team.spiffe) for team in (nl, ro)]
    error = wire.refusal(_leaf_with(nl.authority, [*uris]))
    assert isinstance(error, Unauthenticated)
    assert error.code == "spiffe-name"


def test_a_certificate_without_a_name_is_refused(wire: Wire, nl: Team) -> None:
    error = wire.refusal(_leaf_with(nl.authority, [x509.DNSName("node.nl.eu-thb")]))
    assert isinstance(error, Unauthenticated)
    assert error.code == "spiffe-name"
    assert wire.box.callers == []


def test_a_certificate_naming_a_web_address_is_refused(wire: Wire, nl: Team) -> None:
    leaf = _leaf_with(nl.authority, [x509.UniformResourceIdentifier("https://eu-thb/team/nl/node")])
    assert isinstance(wire.refusal(leaf), Unauthenticated)


def test_a_certificate_that_expired_is_refused_at_the_handshake(wire: Wire, nl: Team) -> None:
    old = leaf_of(nl.authority, "nl", at=now() - timedelta(days=8))
    assert isinstance(wire.refusal(old), Unavailable)
    assert wire.box.callers == []


def test_a_certificate_that_expires_on_an_open_connection_is_refused_in_words(it: Team, nl: Team) -> None:
    ahead = [timedelta(0)]
    wire = serve(it, {nl.spiffe: nl.authority.cert_pem}, clock=lambda: now() + ahead[0])
    with wire.channel(nl.leaf) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
        ahead[0] = timedelta(days=7, minutes=1)
        with pytest.raises(Expired, match="expired on"):
            stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=2))
    wire.server.stop(None)
    assert len(wire.box.callers) == 1


def test_a_team_that_the_roster_does_not_list_is_refused(wire: Wire) -> None:
    stranger = Team.make("xx")
    assert isinstance(wire.refusal(stranger.leaf), Unavailable)  # no authority: the handshake ends
    assert wire.box.callers == []


def test_a_team_removed_from_the_roster_is_refused_at_its_next_call(wire: Wire, nl: Team) -> None:
    with wire.channel(nl.leaf) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
        del wire.trusted[nl.spiffe]
        with pytest.raises(Unauthenticated, match="not in the roster") as refused:
            stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=2))
    assert refused.value.code == "unknown-peer"
    assert len(wire.box.callers) == 1


def test_an_empty_roster_trusts_nobody(it: Team, nl: Team) -> None:
    wire = serve(it, {})
    assert isinstance(wire.refusal(nl.leaf), Unavailable)
    wire.server.stop(None)
    assert wire.box.callers == []


def test_a_damaged_authority_in_the_roster_shuts_out_its_own_team_alone(it: Team, nl: Team, ro: Team) -> None:
    damaged = b"-----BEGIN CERTIFICATE-----\nTk9UIEEgQ0VSVElGSUNBVEU=\n-----END CERTIFICATE-----\n"
    wire = serve(it, {ro.spiffe: damaged, nl.spiffe: nl.authority.cert_pem})
    assert wire.call(nl.leaf) == 7
    assert isinstance(wire.refusal(ro.leaf), Unavailable)
    wire.server.stop(None)


def test_a_caller_without_tls_is_refused(wire: Wire) -> None:
    with grpc.insecure_channel(wire.address) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        with pytest.raises(grpc.RpcError):
            stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1), timeout=3)
    assert wire.box.callers == []


def test_a_caller_without_a_certificate_is_refused(wire: Wire, it: Team) -> None:
    credentials = grpc.ssl_channel_credentials(it.authority.cert_pem)
    options = [("grpc.ssl_target_name_override", "node.it.eu-thb")]
    with grpc.secure_channel(wire.address, credentials, options) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        with pytest.raises(grpc.RpcError):
            stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1), timeout=3)
    assert wire.box.callers == []


def test_peers_speak_tls_1_3_with_a_post_quantum_key_exchange(wire: Wire, nl: Team) -> None:
    wire.call(nl.leaf)
    assert wire.box.facts["ssl_tls_version"] == [b"TLSv1.3"]
    assert wire.box.facts["ssl_negotiated_key_exchange_group"] == [b"X25519MLKEM768"]


def test_a_host_that_another_authority_vouches_for_is_not_talked_to(wire: Wire, nl: Team, ro: Team) -> None:
    """A caller of ro that is led to it's address notices before it says anything."""
    with wire.channel(nl.leaf, host=ro) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        with pytest.raises(Unavailable) as refused:
            stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
    assert "node of team ro" in refused.value.message
    assert refused.value.code == "handshake"
    assert wire.box.callers == []


def test_a_renewed_server_certificate_is_served_without_restart(it: Team, nl: Team) -> None:
    shown = [it.leaf]
    wire = serve(it, {nl.spiffe: nl.authority.cert_pem}, credentials=lambda: shown[0])
    before = ssl.get_server_certificate(("127.0.0.1", wire.server.port))
    shown[0] = leaf_of(it.authority, "it")
    after = ssl.get_server_certificate(("127.0.0.1", wire.server.port))
    assert wire.call(nl.leaf) == 7
    wire.server.stop(None)
    assert before.encode() == it.leaf.cert_pem
    assert after.encode() == shown[0].cert_pem


def test_a_certificate_store_that_fails_keeps_the_former_certificate(it: Team, nl: Team) -> None:
    broken = [False]

    def credentials() -> KeyPair:
        if broken[0]:
            raise OSError("gone")
        return it.leaf

    wire = serve(it, {nl.spiffe: nl.authority.cert_pem}, credentials=credentials)
    broken[0] = True
    assert wire.call(nl.leaf) == 7
    wire.server.stop(None)


def test_a_caller_renews_its_own_certificate_without_a_new_channel(wire: Wire, nl: Team) -> None:
    shown = [nl.leaf]
    with wire.channel(lambda: shown[0]) as channel:
        stub = broker_pb2_grpc.MailboxServiceStub(channel)
        stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=1))
        first = channel.connection()
        shown[0] = leaf_of(nl.authority, "nl")
        stub.Acknowledge(broker_pb2.AcknowledgeRequest(through=2))
        assert channel.connection() is not first
    assert wire.box.callers == [nl.identity, nl.identity]


def test_health_is_told_to_peers(wire: Wire, nl: Team) -> None:
    with wire.channel(nl.leaf) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_nobody_is_the_caller_of_a_call_that_skipped_the_peer_layer() -> None:
    class Context:
        pass

    with pytest.raises(Unauthenticated):
        caller(Context())  # type: ignore[arg-type]


def test_an_address_in_use_is_said_in_words(wire: Wire, it: Team) -> None:
    from comity.transport.server import build_server
    from tests.comity.transport.peers import SILENT

    with pytest.raises(Unavailable, match="listened"):
        build_server(
            lambda _: None,
            address=wire.address,
            credentials=lambda: it.leaf,
            trusted=dict,
            telemetry=SILENT,
        )
