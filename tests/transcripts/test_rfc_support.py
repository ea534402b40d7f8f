"""``docs/rfc-support.tsv`` says what is true: its tests exist, and nothing that is offered is missing from it."""

from importlib import import_module
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.capabilities import CAPABILITIES
from imapd.imap.commands import COMMANDS

ROOT = Path(__file__).parents[2]
STATUSES = ("full", "partial", "deviation", "no")


def rows():
    header, *lines = (ROOT / "docs" / "rfc-support.tsv").read_text().splitlines()
    assert header.split("\t") == ["rfc", "section or command", "status", "test"]
    return [line.split("\t") for line in lines]


def exists(test):
    """Tell whether `test` is a file, or ``file.py::Class::method``."""
    path, *names = test.split("::")
    if not (ROOT / path).is_file():
        return False
    if not names:
        return True
    found = import_module(path.removesuffix(".py").replace("/", "."))
    for name in names:
        found = getattr(found, name, None)
    return found is not None


class RfcSupportTest(SynchronousTestCase):
    def test_rows(self):
        for row in rows():
            self.assertEqual(len(row), 4, row)
            self.assertTrue(row[0].isdigit(), row)
            self.assertIn(row[2].partition(":")[0], STATUSES, row)

    def test_tests_exist(self):
        for _, section, status, test in rows():
            self.assertTrue(exists(test) or (status, test) == ("no", "-"), (section, test))

    def test_every_capability_is_there(self):
        told = {(rfc, word.strip("():,")) for rfc, section, _, _ in rows() for word in section.split()}
        offered = {(str(capability.rfc), capability.name.decode()) for capability in CAPABILITIES}
        self.assertEqual(offered - told, set())

    def test_every_command_is_there(self):
        told = " ".join(section for _, section, _, _ in rows())
        self.assertEqual([name for name in COMMANDS if name.decode() not in told], [])
