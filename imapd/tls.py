"""TLS: the configured certificate, read again when it is renewed, and a self-signed one to begin with."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import gethostname
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLContextFactory
from twisted.logger import Logger
from zope.interface import implementer

from imapd.config import DEFAULT_CERTIFICATE, DEFAULT_KEY, FILE_NAME, Config

_DAYS: Final = 825
"""How long a self-signed certificate is good: the most that Apple's clients accept."""

_OPTIONS: Final = SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_CIPHER_SERVER_PREFERENCE


class CertificateError(Exception):
    """The certificate cannot be used; the text names the files and what to do."""


@implementer(IOpenSSLContextFactory)
class ServerCertificate:
    """A certificate and its key, for STARTTLS (`transport.startTLS`) and for IMAPS (`TLSMemoryBIOFactory`).

    Each handshake looks whether the files have changed.  New ones that do not fit (a renewal may be half done) are
    logged, and the ones read before stay in use.
    """

    _log = Logger()

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read both files; `CertificateError` if they cannot be used."""
        self._certificate, self._key = certificate, key
        self._stamp = self._look()
        try:
            self._context = self._read()
        except (OSError, SSL.Error) as error:
            raise CertificateError(
                f"{certificate} with the key {key} cannot be used: {_reason(error)}; set both in {FILE_NAME}"
            ) from error

    def getContext(self) -> SSL.Context:
        """Return what a handshake needs, by the certificate as it is now."""
        stamp = self._look()
        if stamp != self._stamp:
            self._stamp = stamp
            self._renew()
        return self._context

    def _renew(self) -> None:
        try:
            self._context = self._read()
            self._log.info("read the renewed certificate {path}", path=self._certificate)
        except (OSError, SSL.Error) as error:
            self._log.error(
                "the renewed certificate {path} cannot be used ({reason}); the one before stays in use",
                path=self._certificate,
                reason=_reason(error),
            )

    def _look(self) -> tuple[object, ...]:
        return tuple(_stamp(path) for path in (self._certificate, self._key))

    def _read(self) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_options(_OPTIONS)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)  # an idle connection keeps no 34 KB of buffers
        context.use_certificate_chain_file(os.fspath(self._certificate))
        context.use_privatekey_file(os.fspath(self._key))
        context.check_privatekey()
        return context


def configured_certificate(config: Config) -> ServerCertificate:
    """Return the configured certificate; if none is configured and there is none, make a self-signed one.

    Raises:
        CertificateError: it cannot be used.

    """
    certificate, key = config.certificate_path, config.key_path
    default = (config.certificate, config.key) == (DEFAULT_CERTIFICATE, DEFAULT_KEY)
    try:
        if default and not certificate.exists() and not key.exists():
            make_self_signed(certificate, key, ["localhost", gethostname(), "127.0.0.1", "::1"])
    except OSError as error:
        raise CertificateError(f"{error.filename} cannot be read or written: {error.strerror}") from error
    return ServerCertificate(certificate, key)


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _reason(error: OSError | SSL.Error) -> str:
    """Say what is wrong; OpenSSL hides it in a list of (library, function, reason)."""
    if isinstance(error, OSError):
        return str(error.strerror)
    reasons = error.args[0] if error.args else []
    return ", ".join(reason for _, _, reason in reasons if reason) or "it is not a PEM file"


def make_self_signed(certificate: Path, key: Path, names: Sequence[str]) -> None:
    """Write a key, readable by its owner alone, and a certificate that it signs itself; `OSError` if they are there.

    Args:
        certificate: where the certificate goes, PEM.
        key: where the key goes, PEM.
        names: host names and IP addresses that clients may connect to.

    """
    secret = ec.generate_private_key(ec.SECP256R1())
    encoded = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signed = _self_signed(secret, names).public_bytes(serialization.Encoding.PEM)
    for path, octets, mode in ((key, encoded, 0o600), (certificate, signed, 0o644)):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(octets)


def _self_signed(secret: ec.EllipticCurvePrivateKey, names: Sequence[str]) -> x509.Certificate:
    public = secret.public_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    began = datetime.now(UTC) - timedelta(days=1)  # for clients whose clock is behind
    builder = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=public,
        serial_number=x509.random_serial_number(),
        not_valid_before=began,
        not_valid_after=began + timedelta(days=_DAYS),
    )
    for extension, critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName([_general_name(name) for name in names]), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (identifier, False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
    ):
        builder = builder.add_extension(extension, critical)
    return builder.sign(secret, hashes.SHA256())


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
