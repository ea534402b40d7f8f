import os
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parent.parent.parent.parent


class CommandLineTests(SynchronousTestCase):
    """The real store on the real reactor: each command is a process of its own, so there are few."""

    def imapd(self, *arguments):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", "from imapd.admin import main; main()", "--data", self.data, *arguments]
        done = subprocess.run(command, capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_the_first_start_and_mail_brought_in(self):
        self.data = Path(self.mktemp()).absolute()
        mail = Path(self.mktemp())
        mail.mkdir()
        (mail / "1.eml").write_bytes(b"Subject: s\n\nbody\n")
        (mail / "notes.txt").write_bytes(b"no mail\n")

        status, first, errors = self.imapd("init", "--demo")
        self.assertEqual((status, errors), (0, ""))
        password = self.data / "demo-password"
        self.assertEqual(password.stat().st_mode & 0o777, 0o600)
        self.assertIn(f"Password                {password.read_text()}", first)
        self.assertIn("Port                    1993\n", first)

        status, again, errors = self.imapd("init", "--demo")
        self.assertEqual((status, errors), (0, ""))
        self.assertIn(f"(the one in {password})", again)
        self.assertNotIn(password.read_text().strip(), again)

        status, output, errors = self.imapd("import", mail, mail / "missing", "--user", "DEMO", "--mailbox", "Old/2024")
        self.assertEqual((status, output), (1, "1 messages imported, 0 there already, 2 left out\n"))
        self.assertRegex(
            errors, rf"\Aimapd: {mail}/notes.txt: .*\nimapd: {mail}/missing: No such file or directory\n\Z"
        )

        exporting = ("export", mail / "out", "--user", "demo", "--mailbox", "Old/2024")
        self.assertEqual(self.imapd(*exporting), (0, "1 messages exported, 0 left out\n", ""))
        self.assertEqual(len(list((mail / "out" / ".Old.2024" / "cur").iterdir())), 1)
        status, output, errors = self.imapd(*exporting)
        self.assertEqual((status, output), (1, ""))
        self.assertIn("is not empty; name another folder", errors)

        self.assertEqual(self.imapd("user", "list"), (0, "demo\n", ""))
