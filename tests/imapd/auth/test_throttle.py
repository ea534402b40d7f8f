from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from imapd.auth.books import Books
from imapd.auth.throttle import Throttle, address_key, name_key


class ThrottleTests(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.throttle = Throttle(self.clock.seconds, Books())

    def fail(self, *keys, times=1):
        for _ in range(times):
            self.throttle.failed(*keys)

    def test_some_failures_cost_nothing(self):
        self.fail("address", "name", times=2)
        self.assertEqual(self.throttle.wait("address", "name"), 0)

    def test_the_wait_grows_up_to_a_limit(self):
        waits = []
        for _ in range(9):
            waits.append(self.throttle.wait("address", "name"))
            self.clock.advance(waits[-1])
            self.fail("address", "name")
        self.assertEqual(waits, [0, 0, 0, 1, 2, 4, 8, 16, 16])

    def test_either_key_is_enough_and_others_are_free(self):
        self.fail("address", "name", times=5)
        self.assertEqual(self.throttle.wait("address", "other"), 4)
        self.assertEqual(self.throttle.wait("elsewhere", "name"), 4)
        self.assertEqual(self.throttle.wait("elsewhere", "other"), 0)

    def test_attempts_at_one_time_take_turns(self):
        self.fail("address", "name", times=4)
        self.assertEqual([self.throttle.wait("address", f"name{n}") for n in range(5)], [2, 4, 6, 8, 10])

    def test_no_wait_is_longer_than_the_limit(self):
        self.fail("address", "name", times=50)
        self.assertEqual([self.throttle.wait("address", "name") for _ in range(3)], [16, 16, 16])

    def test_failures_are_forgotten_after_a_while(self):
        self.fail("address", "name", times=5)
        self.clock.advance(901)
        self.assertEqual(self.throttle.wait("address", "name"), 0)

    def test_a_success_takes_back_the_failures_of_its_name(self):
        self.fail("address", "name", times=6)
        self.throttle.succeeded("address", "name")
        self.assertEqual(self.throttle.wait("address", "name"), 0)

    def test_a_success_of_another_name_takes_nothing_back(self):
        self.fail("address", "victim", times=5)
        self.fail("address", "own", times=1)
        self.throttle.succeeded("address", "own")
        self.assertEqual(self.throttle.wait("address", "victim"), 4)


class KeyTests(SynchronousTestCase):
    def test_an_ipv6_network_is_one_address(self):
        self.assertEqual(address_key("2001:db8::1"), address_key("2001:db8:0:0:ffff::2"))
        self.assertNotEqual(address_key("2001:db8::1"), address_key("2001:db8:0:1::1"))

    def test_an_ipv4_address_is_itself_in_both_spellings(self):
        self.assertEqual(address_key("::ffff:192.0.2.1"), address_key("192.0.2.1"))
        self.assertNotEqual(address_key("192.0.2.2"), address_key("192.0.2.1"))

    def test_what_is_no_address(self):
        self.assertEqual(address_key("local"), address_key("local"))

    def test_names_compare_without_case_and_are_bounded(self):
        self.assertEqual(name_key(b"Ada"), name_key(b"aDA"))
        self.assertLess(len(name_key(b"\xff" * 10_000)), 200)
