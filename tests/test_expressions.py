"""Regular expressions that every supported Python understands alike."""

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parents[1]


class PossessiveGroupTest(SynchronousTestCase):
    def test_there_are_none(self):
        """Up to Python 3.11.4, which Debian 12 has, a possessive group that matches in part moves the position."""
        for path in [*ROOT.glob("imapd/**/*.py"), *ROOT.glob("mailstore/**/*.py")]:
            self.assertIsNone(re.search(r"\)[*+?]\+", path.read_text()), path)
