"""Files of older and newer programs."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from mailstore.errors import Corrupt, Unavailable
from mailstore.sqlite import connections, schemas

FIRST = "CREATE TABLE one (id INTEGER PRIMARY KEY); INSERT INTO one VALUES (7)"
SECOND = "CREATE TABLE two (id INTEGER PRIMARY KEY); INSERT INTO two SELECT id FROM one"
WRONG = "CREATE TABLE two (id INTEGER PRIMARY KEY); INSERT INTO three VALUES (1)"


class SchemasTests(SynchronousTestCase):
    def setUp(self):
        self.path = Path(self.mktemp())
        schemas.create(self.path, lambda writer: schemas.upgrade(writer, (FIRST,)))

    def open(self, *steps):
        connection = schemas.open_for_reading(self.path, steps)
        self.addCleanup(connection.close)
        return connection

    def test_an_older_file_is_upgraded(self):
        self.assertEqual(self.open(FIRST, SECOND).execute("SELECT id FROM two").get, 7)
        self.assertEqual(self.open(FIRST, SECOND).pragma("user_version"), 2)

    def test_a_newer_file_is_refused_with_what_to_do(self):
        self.open(FIRST, SECOND)
        refused = self.assertRaises(Unavailable, self.open, FIRST)
        self.assertIn("install that version", str(refused))

    def test_an_upgrade_that_fails_leaves_the_file_as_it_was(self):
        self.assertRaises(AssertionError, self.open, FIRST, WRONG)
        connection = self.open(FIRST)
        self.assertFalse(connection.table_exists(None, "two"))

    def test_contents_of_the_first_schema_are_threads_of_their_own(self):
        path = Path(self.mktemp())
        schemas.create(path, lambda writer: schemas.upgrade(writer, schemas.ACCOUNT[:1]))
        before = connections.writing(path)
        before.execute("INSERT INTO content (object_id, digest, size) VALUES (x'01', x'0a', 7), (x'02', x'0b', 8)")
        before.close()
        connection = schemas.open_for_reading(path, schemas.ACCOUNT)
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("SELECT thread_id FROM content").fetchall(), [(b"\x01",), (b"\x02",)])

    def test_no_database(self):
        self.path.write_bytes(b"something else " * 100)
        self.assertRaises(Corrupt, self.open, FIRST)

    def test_choices_that_cannot_be_changed_later(self):
        connection = self.open(FIRST)
        chosen = [connection.pragma(each) for each in ("page_size", "auto_vacuum", "journal_mode")]
        self.assertEqual(chosen, [4096, 2, "wal"])
