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
        self.assertRaises(Corrupt, self.open, FIRST, WRONG)
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

    def test_mail_of_the_second_schema_is_counted(self):
        path = Path(self.mktemp())
        schemas.create(path, lambda writer: schemas.upgrade(writer, schemas.ACCOUNT[:2]))
        before = connections.writing(path)
        before.execute("""
            INSERT INTO flagset (id, flags, seen, deleted) VALUES (1, '', 0, 0), (2, '\\Deleted', 0, 1);
            INSERT INTO content (id, object_id, digest, size) VALUES (1, x'01', x'0a', 100), (2, x'02', x'0b', 20);
            INSERT INTO mailbox (id, object_id, name, uid_validity, highest_modseq, messages, deleted, octets)
            VALUES (1, 'a', 'INBOX', 1, 1, 3, 2, 220), (2, 'b', 'Sent', 1, 1, 1, 0, 20),
                (3, 'c', 'Junk', 1, 1, 0, 0, 0);
            INSERT INTO message (mailbox_id, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq,
                expunged_at)
            VALUES (1, 1, 1, 2, 100, 0, 0, 0, 1, NULL), (1, 2, 1, 1, 100, 0, 0, 0, 1, NULL),
                (1, 3, 2, 2, 20, 0, 0, 0, 1, NULL), (1, 4, 2, 2, 20, 0, 0, 0, 1, 7), (2, 1, 2, 1, 20, 0, 0, 0, 1, NULL)
        """)
        before.close()
        connection = schemas.open_for_reading(path, schemas.ACCOUNT)
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("SELECT octets, messages FROM account").fetchall(), [(240, 4)])
        deleted = connection.execute("SELECT deleted_octets FROM mailbox ORDER BY id").fetchall()
        self.assertEqual(deleted, [(120,), (0,), (0,)])

    def test_blocks_of_renderings_of_before_are_forgotten(self):
        path = Path(self.mktemp())

        def fill(writer):
            schemas.upgrade(writer, schemas.ACCOUNT[:12])
            writer.execute("INSERT INTO rendering_block (id, version, codec, octets) VALUES (257, 1, 0, x'00')")

        schemas.create(path, fill)
        connection = schemas.open_for_reading(path, schemas.ACCOUNT)
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("SELECT id, place FROM rendering_block").fetchall(), [])

    def test_blocks_of_renderings_that_were_packed_otherwise_are_forgotten(self):
        path = Path(self.mktemp())

        def fill(writer):
            schemas.upgrade(writer, schemas.ACCOUNT[:14])
            writer.execute("INSERT INTO rendering_block (id, version, place, length, mark) VALUES (257, 1, 0, 9, 7)")

        schemas.create(path, fill)
        connection = schemas.open_for_reading(path, schemas.ACCOUNT)
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("SELECT id FROM rendering_block").fetchall(), [])

    def test_no_set_of_flags_is_called_1(self):
        path = Path(self.mktemp())

        def fill(writer):
            schemas.upgrade(writer, schemas.ACCOUNT[:13])
            writer.execute("INSERT INTO flagset (flags, seen, deleted) VALUES ('', 0, 0), ('a', 0, 0), ('b', 0, 0)")
            writer.execute("DELETE FROM flagset WHERE id = 3")
            row = "1, {0}, 1, {0}, 9, 0, 0, 0, 1, NULL, NULL"
            writer.execute(f"INSERT INTO message VALUES ({row.format(1)}), ({row.format(2)})")

        schemas.create(path, fill)
        connection = schemas.open_for_reading(path, schemas.ACCOUNT)
        self.addCleanup(connection.close)
        self.assertEqual(connection.execute("SELECT id, flags FROM flagset WHERE id <> 2").fetchall(), [(4, "")])
        self.assertEqual(connection.execute("SELECT uid, flagset_id FROM message").fetchall(), [(1, 4), (2, 2)])
        self.assertEqual(connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'flagset'").get, 4)

    def test_no_set_of_flags_will_be_called_1(self):
        path = Path(self.mktemp())
        schemas.create(path, lambda writer: schemas.upgrade(writer, schemas.ACCOUNT))
        connection = connections.writing(path)
        self.addCleanup(connection.close)
        connection.execute("INSERT INTO flagset (flags, seen, deleted) VALUES ('', 0, 0)")
        self.assertEqual(connection.last_insert_rowid(), 2)

    def test_no_database(self):
        self.path.write_bytes(b"something else " * 100)
        self.assertRaises(Corrupt, self.open, FIRST)

    def test_choices_that_cannot_be_changed_later(self):
        connection = self.open(FIRST)
        chosen = [connection.pragma(each) for each in ("page_size", "auto_vacuum", "journal_mode")]
        self.assertEqual(chosen, [4096, 2, "wal"])
