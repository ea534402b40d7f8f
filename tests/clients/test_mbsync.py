"""mbsync, where it is installed: a synchronizer pipelines, expunges by CLOSE, and compares everything."""

import imaplib
import shutil
import subprocess
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.process import PATIENCE, ServerProcess, data_folder

CONFIGURATION = """\
IMAPAccount account
Host 127.0.0.1
Port {port}
User ada
Pass secret
SSLType None

IMAPStore far
Account account

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
"""
MESSAGE = b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nSubject: %d\r\n\r\nH\xc3\xa4llo \xff\r\n.\r\nFrom here\r\n"
COUNT = 30


class MbsyncTest(SynchronousTestCase):
    """Both ways, with a mailbox whose name needs encoding."""

    if shutil.which("mbsync") is None:
        skip = "mbsync is not installed"

    def setUp(self):
        data = Path(self.mktemp()).absolute()
        data_folder(data)
        self.server = ServerProcess(data)
        self.addCleanup(self.server.stop)
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        (self.folder / "rc").write_text(CONFIGURATION.format(port=self.server.port, folder=self.folder))
        self.client = imaplib.IMAP4("127.0.0.1", self.server.port, timeout=PATIENCE)
        self.addCleanup(self.client.logout)
        self.client.login("ada", "secret")

    def sync(self):
        done = subprocess.run(
            ["mbsync", "-c", str(self.folder / "rc"), "-a"], capture_output=True, timeout=PATIENCE, check=False
        )
        self.assertEqual((0, b""), (done.returncode, done.stderr))

    def local(self, mailbox):
        """Return the local messages of a mailbox by path, without the line that mbsync adds to each."""
        return {
            path: b"".join(line for line in path.read_bytes().splitlines(True) if not line.startswith(b"X-TUID: "))
            for path in (self.folder / mailbox).glob("[cn]??/*")
        }

    def test_both_ways(self):
        """Everything comes down octet for octet; flags, new messages and deletions go up."""
        for number in range(COUNT):
            self.client.append("INBOX", r"(\Flagged)" if number == 7 else "", None, MESSAGE % number)
        self.client.create("&AMQ-rger")
        self.sync()
        local = self.local("INBOX")
        # mbsync keeps LF in a Maildir.
        expected = {(MESSAGE % number).replace(b"\r\n", b"\n") for number in range(COUNT)}
        self.assertEqual(expected, set(local.values()))
        self.assertTrue((self.folder / "&AMQ-rger").is_dir())
        self.assertEqual(["F"], [path.name.rpartition(",")[2] for path in local if b": 7\n" in local[path]])
        self._change(local)
        self.sync()
        self.client.select()
        self.assertEqual(("OK", [b"1 7 30"]), self.client.search(None, "OR SUBJECT new FLAGGED"))

    def _change(self, local):
        """Delete message 3, flag message 0, and add one."""
        for path, octets in local.items():
            if b": 3\n" in octets:
                path.unlink()
            if b": 0\n" in octets:
                path.rename(self.folder / "INBOX" / "cur" / (path.name.partition(":")[0] + ":2,F"))
        (self.folder / "INBOX" / "new" / "1.new.local").write_bytes(b"Subject: new\n\nHello\n")
