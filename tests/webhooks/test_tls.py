"""TLS is spoken for the name, over the address that was judged; a certificate of somebody else is not accepted."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import LazySettings

from approvals.letters.answers import Answer, Outcome
from approvals.letters.webhooks import addresses, posting
from tests.webhooks.receiving import receiving

NAME = "hooks.example"


def certified(folder: Path, name: str) -> ssl.SSLContext:
    """What a server of this name shows; its certificate is the one in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, pem_key = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem_key.write_bytes(key.private_bytes(*encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, pem_key)
    return context


def posted(port: int) -> Outcome:
    address, target = addresses.read(f"https://{NAME}:{port}/x")
    return posting.post(address, target, ("127.0.0.1",), b"{}", {}, lambda: None)


def test_the_name_is_asked_for_and_verified(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str | None] = []
    context = certified(tmp_path, NAME)
    context.sni_callback = lambda line, name, context: shown.append(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with receiving(settings, tls=context) as there:
        assert posted(there.port).answer is Answer.TAKEN
    assert shown == [NAME] and there.heard[0].headers["host"] == f"{NAME}:{there.port}"


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate_that_is_not_trusted_or_of_another_name_gets_nothing(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with receiving(settings, tls=certified(tmp_path, "other.example" if trusted else NAME)) as there:
        outcome = posted(there.port)
    assert outcome.answer is Answer.DOWN and outcome.said.startswith("Its certificate is not accepted here")
    assert not there.heard


def test_no_tls_at_all_gets_nothing(settings: LazySettings) -> None:
    with receiving(settings) as there:
        outcome = posted(there.port)
    assert outcome.answer is Answer.DOWN and "TLS" in outcome.said and not there.heard
