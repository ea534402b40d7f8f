"""A store is named by a URL."""

import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

from mailstore import open_store


class OpenStoreTests(SynchronousTestCase):
    def test_what_names_no_store(self):
        for url in ("", "sqlite://", "mysql://somewhere", "var/mail", "sqlite:relative"):
            refused = self.assertRaises(ValueError, open_store, url)
            self.assertIn("sqlite://", str(refused))

    def test_importing_the_package_brings_in_no_backend_and_no_twisted(self):
        code = "import sys, mailstore.model, mailstore.query; print(*sys.modules)"
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        self.assertFalse({"apsw", "twisted", "mailstore.sqlite"}.intersection(loaded.stdout.split()))
