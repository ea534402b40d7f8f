"""The spelling of errors."""

from twisted.trial.unittest import SynchronousTestCase

from imapd.pop3.errors import STORE_CODES, Refused, spell
from mailstore import errors as store


class SpellTest(SynchronousTestCase):
    def test_every_error_of_the_store_is_in_the_table(self):
        self.assertEqual(set(STORE_CODES), set(store.StoreError.__subclasses__()))

    def test_a_line(self):
        self.assertEqual(spell(store.Conflict("taken")).line(), b"[IN-USE] taken")
        self.assertEqual(spell(store.Expunged("gone")).line(str.upper), b"GONE")
        self.assertEqual(Refused("é", "X").line(), "[X] é".encode())
