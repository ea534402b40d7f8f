"""curl and mpop, where they are installed, take mail away by POP3: in the clear, by STLS, and over TLS."""

import shutil
from pathlib import Path

from twisted.internet.utils import getProcessOutputAndValue

from tests.imapd.pop3.test_poplib import LETTERS, RealServerCase

CONFIGURATION = """\
account here
host localhost
port {port}
user ada
passwordeval echo secret
auth plain
tls {tls}
tls_starttls {stls}
tls_certcheck off
keep {keep}
uidls_file {folder}/uidls
delivery maildir {folder}/mail
received_header off
"""


class ClientCase(RealServerCase):
    async def run_client(self, *command):
        """Run a program; return what it printed, and fail if it complained."""
        out, err, code = await getProcessOutputAndValue(shutil.which(command[0]), command[1:], env=None)
        self.assertEqual((code, err), (0, b""), command)
        return out


class CurlTest(ClientCase):
    if not shutil.which("curl"):
        skip = "curl is not installed"

    async def test_every_way_in(self):
        for url, *more in (
            (f"pop3://localhost:{self.port}",),
            (f"pop3://localhost:{self.port}", "--ssl-reqd"),
            (f"pop3s://localhost:{self.tls_port}",),
        ):
            for number, letter in enumerate(LETTERS, 1):
                out = await self.run_client("curl", "-sSk", "--user", "ada:secret", *more, f"{url}/{number}")
                self.assertEqual(out, letter)


class MpopTest(ClientCase):
    if not shutil.which("mpop"):
        skip = "mpop is not installed"

    async def take(self, **settings):
        """Take what mpop does not know yet; return all that it has."""
        file = self.folder / "mpoprc"
        file.write_text(CONFIGURATION.format(folder=self.folder, **settings))
        file.chmod(0o600)
        await self.run_client("mpop", "-q", "-C", str(file), "here")
        return sorted(each.read_bytes().replace(b"\n", b"\r\n") for each in (self.folder / "mail" / "new").iterdir())

    async def test_left_there_then_taken_away(self):
        self.folder = Path(self.mktemp()).absolute()
        for name in ("cur", "new", "tmp"):
            (self.folder / "mail" / name).mkdir(parents=True)
        there = sorted(LETTERS)
        self.assertEqual(await self.take(port=self.port, tls="off", stls="off", keep="on"), there)
        self.assertEqual(await self.take(port=self.port, tls="on", stls="on", keep="on"), there)
        self.assertEqual(await self.take(port=self.tls_port, tls="on", stls="off", keep="off"), there)
        account = await self.store.account((await self.store.user("ada")).account)
        self.assertEqual((await account.usage()).messages, 0)
        await account.release()
