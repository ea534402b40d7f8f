"""Changes that share a transaction: each stands or falls alone."""

import json
from pathlib import Path

import apsw
from twisted.trial.unittest import SynchronousTestCase

from mailstore.errors import Busy, NotFound, Unavailable
from mailstore.sqlite import connections
from mailstore.sqlite.committing import commit, commit_asking


def insert(text):
    """Return a change that keeps a text."""
    return lambda writer: writer.insert("INSERT INTO kept (text) VALUES (?)", text)


def count(reader):
    return reader.value("SELECT count(*) FROM kept")


def insert_and_fail(error):
    """Return a change that keeps something and then fails."""

    def change(writer):
        writer.execute("INSERT INTO kept (text) VALUES ('lost')")
        raise error

    return change


class CommitTests(SynchronousTestCase):
    def setUp(self):
        self.path = Path(self.mktemp())
        self.connection = connections.creating(self.path)
        self.addCleanup(self.connection.close)
        self.connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT UNIQUE NOT NULL)")

    def kept(self):
        other = connections.reading(self.path)
        self.addCleanup(other.close)
        return [text[:9] for (text,) in other.execute("SELECT text FROM kept ORDER BY id")]

    def kinds(self, outcomes):
        return [type(each) if isinstance(each, Exception) else each for each in outcomes]

    def test_they_are_committed_together(self):
        commits = []
        self.connection.set_commit_hook(lambda: bool(commits.append(1)))
        self.assertEqual(commit(self.connection, [insert("a"), insert("b")]), [1, 2])
        self.assertEqual((self.kept(), len(commits)), (["a", "b"], 1))

    def test_a_statement_that_fails_in_the_middle_leaves_nothing(self):
        several = "INSERT OR FAIL INTO kept (text) SELECT value FROM json_each(?)"
        failing = ["new", "a"]
        changes = [insert("a"), lambda writer: writer.execute(several, json.dumps(failing)), insert("b")]
        outcomes = commit(self.connection, changes)
        self.assertEqual(self.kinds(outcomes), [1, AssertionError, 2])
        self.assertEqual(self.kept(), ["a", "b"])

    def test_one_that_fails_leaves_nothing_and_harms_nobody(self):
        failure = ZeroDivisionError()
        outcomes = commit(self.connection, [insert("a"), insert_and_fail(NotFound()), insert("b")])
        self.assertEqual(self.kinds(outcomes), [1, NotFound, 2])
        outcomes = commit(self.connection, [insert_and_fail(failure), insert("c")])
        self.assertEqual(outcomes, [failure, 3])
        self.assertEqual(self.kept(), ["a", "b", "c"])

    def test_one_alone_is_run_once_though_a_question_follows_it(self):
        runs, failure = [], NotFound()

        def change(writer):
            runs.append(1)
            raise failure

        self.assertEqual(commit_asking(self.connection, [change], count), ([failure], failure))
        self.assertEqual(runs, [1])

    def test_the_state_is_the_last_ones(self):
        self.assertEqual(commit_asking(self.connection, [insert("a"), insert("b")], count), ([1, 2], 2))
        outcomes, state = commit_asking(self.connection, [insert_and_fail(NotFound()), insert("c")], count)
        self.assertEqual((self.kinds(outcomes), state), ([NotFound, 3], 3))
        self.assertEqual(commit_asking(self.connection, [], count), ([], 3))

    def test_a_statement_that_fails(self):
        outcomes = commit(self.connection, [insert("a"), insert("a"), insert("b")])
        self.assertEqual(self.kinds(outcomes), [1, AssertionError, 2])
        self.assertIsInstance(outcomes[1].__cause__, apsw.ConstraintError)
        self.assertEqual(self.kept(), ["a", "b"])

    def test_one_for_which_there_is_no_room(self):
        self.connection.pragma("max_page_count", 20)
        outcomes = commit(self.connection, [insert("small"), insert("x" * 200_000), insert("other")])
        self.assertEqual(self.kinds(outcomes), [1, Unavailable, 2])
        self.assertEqual(self.kept(), ["small", "other"])
        self.connection.pragma("max_page_count", 1000)
        self.assertEqual(commit(self.connection, [insert("x" * 200_000)]), [3])

    def test_a_transaction_that_is_lost_is_run_again_one_by_one(self):
        runs = []

        def change(writer):
            runs.append(1)
            if len(runs) == 1:
                self.connection.execute("ROLLBACK")
                raise apsw.IOError
            return insert("second")(writer)

        self.assertEqual(commit(self.connection, [insert("first"), change]), [1, 2])
        self.assertEqual(self.kept(), ["first", "second"])

    def test_a_commit_that_fails_fails_all(self):
        self.connection.set_commit_hook(lambda: True)
        outcomes = commit(self.connection, [insert("a"), insert("b")])
        self.assertEqual(self.kinds(outcomes), [AssertionError] * 2)
        self.assertEqual(self.kept(), [])
        self.connection.set_commit_hook(None)
        self.assertEqual(commit(self.connection, [insert("b")]), [1])
        self.assertEqual(self.kept(), ["b"])

    def test_another_process_holds_the_file(self):
        self.patch(connections, "BUSY_SECONDS", 0.02)
        other = apsw.Connection(str(self.path))
        other.execute("BEGIN IMMEDIATE")
        self.assertRaises(Busy, commit, self.connection, [insert("a"), insert("b")])
        other.close()
        self.assertEqual(commit(self.connection, [insert("a")]), [1])
