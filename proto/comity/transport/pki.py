"""Each team's own small certificate authority, and the verification of one leaf.

The rules:

1. Keys are ECDSA P-256, since gRPC's handshake refuses Ed25519 certificates.
2. A leaf carries exactly one URI name, the SPIFFE identity (SPIFFE X.509-SVID, section 2), and one
   DNS name, which clients ask for; it lives for days and is never revoked, only not renewed.
3. A leaf proves a name only under the authority of the team that the name belongs to. Which
   authority that is, is the caller's business: `verify_leaf` gets exactly one.

Authorities live for ten years and sign leaves only (path length 0).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from comity.errors import Expired, Malformed, Unauthenticated
from comity.identifiers import Identity

AUTHORITY_LIFETIME = timedelta(days=3653)
LEAF_LIFETIME = timedelta(days=7)
BACKDATING = timedelta(minutes=5)  # clocks of peers differ a little
MAX_CERTIFICATE_BYTES = 16_384


class KeyPair(NamedTuple):
    """A private key and its certificate (for a leaf: the chain that is presented), both PEM."""

    key_pem: bytes
    cert_pem: bytes

    def __repr__(self) -> str:
        return "KeyPair(…)"  # a traceback must not show the key


def make_authority(name: str, now: datetime) -> KeyPair:
    """A new self-signed authority called `name`, valid for ten years from `now` (UTC, aware)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _dated(subject, subject, key.public_key(), now, AUTHORITY_LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=True), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
    )
    return KeyPair(
        _key_bytes(key), builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )


def issue_leaf(
    authority_key_pem: bytes,
    authority_cert_pem: bytes,
    *,
    spiffe: str,
    dns: str,
    now: datetime,
    lifetime: timedelta = LEAF_LIFETIME,
) -> KeyPair:
    """A new leaf for `spiffe` and `dns`, valid from `now` for `lifetime`, for client and server use.

    The issuing authority does not judge the name: whoever verifies does.
    """
    authority = load_certificate(authority_cert_pem)
    signer = _load_signer(authority_key_pem)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, dns)])
    names = [x509.UniformResourceIdentifier(spiffe), x509.DNSName(dns)]
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = _dated(subject, authority.subject, key.public_key(), now, lifetime)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    certificate = builder.sign(signer, hashes.SHA256())
    return KeyPair(_key_bytes(key), certificate.public_bytes(serialization.Encoding.PEM))


def verify_leaf(leaf_pem: bytes, authority_pem: bytes, now: datetime) -> str:
    """The one SPIFFE identity that `leaf_pem` proves under `authority_pem` alone at `now`.

    Recipe:
      1. the leaf parses, and names exactly one URI, a `spiffe://` one;
      2. `now` is inside its validity;
      3. the RFC 5280 path to this one authority holds, for client authentication.

    Left to the caller: that the authority is the one of the named team, and what the name may do.

    Raises:
        Malformed: one of the two is not a certificate.
        Expired: outside the leaf's (or the authority's) validity.
        Unauthenticated: no or several URI names, or not issued by this authority.
    """
    leaf = load_certificate(leaf_pem)
    authority = load_certificate(authority_pem)
    identity = single_uri(leaf)  # 1
    _check_validity(leaf, now, "The certificate")  # 2
    _check_validity(authority, now, "The certificate authority")
    verifier = PolicyBuilder().store(Store([authority])).time(now).max_chain_depth(0).build_client_verifier()
    try:
        verifier.verify(leaf, [])  # 3
    except VerificationError:
        raise Unauthenticated(
            "The certificate was not issued by the authority of the team that it names.",
            code="wrong-authority",
            remedy="Renew the certificate with the authority that the roster lists for this team.",
        ) from None
    return identity


def single_uri(certificate: x509.Certificate) -> str:
    """The only URI name of a certificate.

    Raises:
        Unauthenticated: there is none, there are several, or it is not a SPIFFE name.
    """
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    except x509.ExtensionNotFound:
        uris = []
    except ValueError:
        raise Malformed("The certificate's extensions cannot be read.", field="certificate") from None
    if len(uris) != 1 or not uris[0].startswith("spiffe://"):
        raise Unauthenticated(
            "The certificate must carry exactly one SPIFFE name.", code="spiffe-name", field="certificate"
        )
    return uris[0]


def dns_name(identity: Identity) -> str:
    """The DNS name in the leaf of `identity`, e.g. `node.nl.eu-thb`; clients ask for it, no resolver does."""
    place = "node" if identity.role == "team" else "broker"
    return f"{place}.{identity.name}.{identity.federation}"


def not_after(cert_pem: bytes) -> datetime:
    """The instant (UTC) after which a certificate is refused: renew well before."""
    return load_certificate(cert_pem).not_valid_after_utc


def load_certificate(pem: bytes) -> x509.Certificate:
    """The first certificate of a PEM text.

    Raises:
        Malformed: it is none, or longer than 16 KiB.
    """
    if len(pem) > MAX_CERTIFICATE_BYTES:
        raise Malformed("A certificate is longer than 16 KiB.", field="certificate")
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise Malformed("This is not a PEM certificate.", field="certificate") from None


def _dated(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - BACKDATING).not_valid_after(now + lifetime)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_signer(pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise Malformed("This is not an unencrypted PEM private key.", field="authority_key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Malformed("The authority's key is not ECDSA P-256.", field="authority_key")
    return key


def _check_validity(certificate: x509.Certificate, now: datetime, what: str) -> None:
    if now > certificate.not_valid_after_utc:
        raise Expired(
            f"{what} expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC.",
            code="certificate-expired",
            remedy="Renew it; a running program renews its own certificate unless its authority key is away.",
        )
    if now < certificate.not_valid_before_utc:
        raise Expired(
            f"{what} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC.",
            code="certificate-not-yet-valid",
            remedy="Compare the clocks of both machines.",
        )
