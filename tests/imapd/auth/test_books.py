"""What several workers know together, here three that look at one file."""

import subprocess
import sys
from tempfile import TemporaryFile

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.auth.admission import Admission, TooManyError
from imapd.auth.books import Books
from imapd.auth.throttle import Throttle


class BooksTest(SynchronousTestCase):
    def setUp(self):
        self.file = self.enterContext(TemporaryFile())
        self.books = [Books(3, own, self.file.fileno()) for own in range(3)]
        self.doors = [Admission(books) for books in self.books]

    def test_sessions_of_a_user_count_wherever_they_are(self):
        self.patch(limits, "CONNECTIONS_PER_USER", 3)
        for door in self.doors:
            door.come("192.0.2.1")
            door.log_in("192.0.2.1", "ada")
        self.doors[0].come("192.0.2.1")
        self.assertRaises(TooManyError, self.doors[0].log_in, "192.0.2.1", "ada")
        self.doors[0].log_in("192.0.2.1", "bob")
        self.doors[2].leave("192.0.2.1", "ada")
        self.doors[1].come("192.0.2.1")
        self.doors[1].log_in("192.0.2.1", "ada")

    def test_strangers_of_an_address(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 2)
        self.doors[0].come("192.0.2.1")
        self.doors[1].come("192.0.2.1")
        self.assertRaises(TooManyError, self.doors[2].come, "192.0.2.1")
        self.doors[2].come("192.0.2.2")

    def test_all_addresses_of_an_ipv6_network_are_one(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 2)
        self.doors[0].come("2001:db8::1")
        self.doors[1].come("2001:db8::2")
        self.assertRaises(TooManyError, self.doors[2].come, "2001:db8::3")
        self.doors[0].leave("2001:db8::1", None)
        self.doors[2].come("2001:db8::3")
        self.doors[2].come("2001:db8:0:1::1")

    def test_all_strangers(self):
        self.patch(limits, "STRANGERS", 2)
        self.doors[0].come("192.0.2.1")
        self.doors[1].come("192.0.2.2")
        self.assertRaises(TooManyError, self.doors[2].come, "192.0.2.3")

    def test_what_a_dead_worker_counted_is_wiped_out(self):
        for door in self.doors:
            door.come("192.0.2.1")
            door.log_in("192.0.2.1", "ada")
        Books(3, 0, self.file.fileno()).wipe(1)
        self.assertEqual(self.doors[0].sessions("ada"), 2)
        self.assertEqual(Admission(Books(3, 1, self.file.fileno())).sessions("ada"), 2)

    def test_who_has_less(self):
        one, two, three = (books.loads for books in self.books)
        for loads in (one, two):
            loads.begin()
        self.doors[0].come("192.0.2.1")
        self.doors[0].log_in("192.0.2.1", "ada")
        self.assertEqual([loads.another_has_less() for loads in (one, two, three)], [True, False, False])
        self.doors[1].come("192.0.2.1")
        self.assertFalse(one.another_has_less())
        self.doors[1].leave("192.0.2.1", None)
        self.assertTrue(one.another_has_less())
        two.end()
        self.assertFalse(one.another_has_less())
        two.begin()
        self.books[0].wipe(1)
        self.assertFalse(one.another_has_less())

    def test_failures_slow_down_everywhere(self):
        clock = Clock()
        throttles = [Throttle(clock.seconds, books) for books in self.books]
        for throttle in throttles:
            throttle.failed("address", "name")
        self.assertEqual([throttle.wait("elsewhere", "name") for throttle in throttles], [1, 2, 3])
        throttles[1].succeeded("address", "name")
        self.assertEqual(throttles[0].wait("address", "name"), 0)

    def test_one_writes_at_a_time_and_the_dead_hold_nobody_up(self):
        file = self.file.fileno()
        dying = f"import os; from imapd.auth.books import Books; Books(3, 1, {file}).in_turn().__enter__(); os._exit(0)"
        subprocess.run([sys.executable, "-c", dying], check=True, pass_fds=[file])
        with self.books[0].in_turn():
            pass

    def test_each_set_of_books_has_a_secret_of_its_own(self):
        self.assertEqual(self.books[0].digests.of("a"), self.books[1].digests.of("a"))
        self.assertNotEqual(Books().digests.of("a"), Books().digests.of("a"))
