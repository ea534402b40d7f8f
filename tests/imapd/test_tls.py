import contextlib
import warnings
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, MemoryBIO, SSLContext, SSLError, SSLWantReadError, TLSVersion

from cryptography import x509
from OpenSSL import SSL
from twisted.trial.unittest import SynchronousTestCase

from imapd.config import Config
from imapd.tls import CertificateError, ServerCertificate, configured_certificate, make_self_signed


def handshake(server, client, name):
    """Let both speak in memory; return the client's side."""
    connection = SSL.Connection(server.getContext(), None)
    connection.set_accept_state()
    incoming, outgoing = MemoryBIO(), MemoryBIO()
    wrapped = client.wrap_bio(incoming, outgoing, server_hostname=name)
    for _ in range(5):
        try:
            wrapped.do_handshake()
            return wrapped
        except SSLWantReadError:
            connection.bio_write(outgoing.read())
        with contextlib.suppress(SSL.WantReadError):
            connection.do_handshake()
        incoming.write(connection.bio_read(1 << 16))
    raise AssertionError("the handshake does not end")


class CertificateTests(SynchronousTestCase):
    def setUp(self):
        self.folder = Path(self.mktemp())
        self.certificate, self.key = self.folder / "certificate.pem", self.folder / "key.pem"
        self.make("localhost", "127.0.0.1", "::1", "mail.example.org")

    def make(self, *names):
        for path in (self.certificate, self.key):
            path.unlink(missing_ok=True)
        make_self_signed(self.certificate, self.key, names)

    def client(self):
        return SSLContext(PROTOCOL_TLS_CLIENT)

    def trusting(self):
        client = self.client()
        client.load_verify_locations(self.certificate)
        return client

    def serial(self, server):
        return x509.load_der_x509_certificate(self.peer(server)).serial_number

    def peer(self, server):
        client = self.client()
        client.check_hostname, client.verify_mode = False, 0
        return handshake(server, client, "localhost").getpeercert(binary_form=True)

    def on_disk(self):
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).serial_number

    def test_clients_that_trust_it_accept_every_name(self):
        server = ServerCertificate(self.certificate, self.key)
        for name in ("localhost", "127.0.0.1", "::1", "mail.example.org"):
            handshake(server, self.trusting(), name)
        self.assertRaises(SSLError, handshake, server, self.trusting(), "example.com")
        self.assertRaises(SSLError, handshake, server, self.client(), "localhost")

    def test_nothing_older_than_tls_1_2(self):
        server = ServerCertificate(self.certificate, self.key)
        client = self.trusting()
        client.maximum_version = TLSVersion.TLSv1_2
        self.assertEqual(handshake(server, client, "localhost").version(), "TLSv1.2")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            client.minimum_version = client.maximum_version = TLSVersion.TLSv1_1
        self.assertRaises((SSLError, SSL.Error), handshake, server, client, "localhost")

    def test_only_the_owner_reads_the_key(self):
        self.assertEqual(self.key.stat().st_mode & 0o777, 0o600)

    def test_a_renewed_certificate_is_used_at_the_next_handshake(self):
        server = ServerCertificate(self.certificate, self.key)
        before = self.on_disk()
        self.assertEqual(self.serial(server), before)
        self.make("localhost")
        self.assertNotEqual(self.on_disk(), before)
        self.assertEqual(self.serial(server), self.on_disk())

    def test_a_broken_renewal_keeps_the_one_before_until_it_is_whole(self):
        server = ServerCertificate(self.certificate, self.key)
        before = self.on_disk()
        for break_it in (lambda: self.certificate.write_text("nonsense"), self.key.unlink):
            break_it()
            self.assertEqual(self.serial(server), before)
        self.make("localhost")
        self.assertEqual(self.serial(server), self.on_disk())
        self.flushLoggedErrors()

    def test_files_that_cannot_be_used_are_named(self):
        other = self.folder / "other.pem"
        make_self_signed(self.folder / "unused.pem", other, ["localhost"])
        for certificate, key in ((self.folder / "missing", self.key), (self.certificate, other), (self.key, self.key)):
            error = self.assertRaises(CertificateError, ServerCertificate, certificate, key)
            self.assertIn(str(certificate), str(error))
            self.assertIn("imapd.toml", str(error))

    def test_a_missing_certificate_is_made_only_at_the_default_place(self):
        config = Config(self.folder / "data")
        configured_certificate(config)
        made = config.certificate_path.read_bytes()
        configured_certificate(config)
        self.assertEqual(config.certificate_path.read_bytes(), made)
        elsewhere = Config(self.folder / "data", certificate="mine.pem")
        self.assertRaises(CertificateError, configured_certificate, elsewhere)
        self.assertFalse(elsewhere.certificate_path.exists())

    def test_a_key_that_is_there_is_never_overwritten(self):
        config = Config(self.folder / "data")
        config.key_path.parent.mkdir(parents=True)
        config.key_path.write_text("precious")
        self.assertRaises(CertificateError, configured_certificate, config)
        self.assertEqual(config.key_path.read_text(), "precious")

    def test_a_place_that_cannot_be_written_is_named(self):
        config = Config(self.folder / "data")
        config.data.write_text("no folder")
        error = self.assertRaises(CertificateError, configured_certificate, config)
        self.assertIn(str(config.data), str(error))
