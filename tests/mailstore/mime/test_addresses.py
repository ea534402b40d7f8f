from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime.addresses import END_OF_GROUP, MAX_OCTETS, Address, _parse, _plain, parse_addresses
from tests.mailstore.mime.octets import any_octets


def group(name: bytes) -> Address:
    return Address(None, None, name, None)


UNITS = [
    *(b"%c" % octet for octet in b' ,<>()[]@:;"\\.\t\r\x0b='),
    *(b"a", b"B.c", b'"D, e"', b"<f@g>", b"h@i", b"=?u?q?j?="),
]

JOE = Address(None, None, b"joe", b"x.org")


class AddressTestCase(SynchronousTestCase):
    def check(self, *cases: tuple[bytes, list[Address]]) -> None:
        for value, expected in cases:
            self.assertEqual(parse_addresses(value), expected, value)


class WellFormedTests(AddressTestCase):
    def test_mailboxes(self):
        self.check(
            (b"joe@x.org", [JOE]),
            (b"<joe@x.org>", [JOE]),
            (b"joe@x.org, <joe@x.org>", [JOE, JOE]),
            (b"Joe Doe <joe@x.org>", [Address(b"Joe Doe", None, b"joe", b"x.org")]),
            (b"Joe Q. Doe<joe@x.org>", [Address(b"Joe Q. Doe", None, b"joe", b"x.org")]),
            (b'"Doe, \\"Joe\\"" <joe@x.org>', [Address(b'Doe, "Joe"', None, b"joe", b"x.org")]),
            (b'"joe doe"@x.org', [Address(None, None, b"joe doe", b"x.org")]),
            (b'" joe" <"a\\\\@\\"b"@x.org>', [Address(b"joe", None, b'a\\@"b', b"x.org")]),
            (b"joe@[IPv6:::1]", [Address(None, None, b"joe", b"[IPv6:::1]")]),
            (b"=?utf-8?q?J=C3=B6,_Jo?= <joe@x.org>", [Address(b"=?utf-8?q?J=C3=B6,_Jo?=", None, b"joe", b"x.org")]),
        )

    def test_comments(self):
        self.check(
            (b"joe@x.org (Joe (the) \\) Doe)", [Address(b"Joe (the) ) Doe", None, b"joe", b"x.org")]),
            (b"<joe@x.org> (Joe)", [Address(b"Joe", None, b"joe", b"x.org")]),
            (b"Doe (Joe) <joe(a)@(b)x.org>", [Address(b"Doe", None, b"joe", b"x.org")]),
            (b"joe@x.org ()", [JOE]),
            (b"(nobody)", []),
        )

    def test_groups(self):
        self.check(
            (
                b"Friends: joe@x.org, Joe <joe@x.org>;",
                [
                    group(b"Friends"),
                    JOE,
                    Address(b"Joe", None, b"joe", b"x.org"),
                    END_OF_GROUP,
                ],
            ),
            (b"undisclosed recipients:;", [group(b"undisclosed recipients"), END_OF_GROUP]),
            (b'"a, b": (none) ;, joe@x.org', [group(b"a, b"), END_OF_GROUP, JOE]),
        )

    def test_obsolete_forms(self):
        self.check(
            (b"joe . doe @ x . org", [Address(None, None, b"joe.doe", b"x.org")]),
            (b"<@a.org, @b.org:joe@x.org>", [Address(None, b"@a.org,@b.org", b"joe", b"x.org")]),
            (b",joe@x.org,,", [JOE]),
        )


class BrokenTests(AddressTestCase):
    def test_empty(self):
        self.check((b"", []), (b" ", []), (b"<>", []), (b"() <>", []), (b'"" <>', []), (b";", []), (b",;,", []))

    def test_without_a_domain(self):
        self.check(
            (b"root", [Address(None, None, b"root", b"")]),
            (b"Root <root>", [Address(b"Root", None, b"root", b"")]),
            (b"@x.org", [Address(None, None, b"", b"x.org")]),
            (b"Joe Doe", [Address(b"Joe Doe", None, b"", b"")]),
            (b'"Joe"', [Address(b"Joe", None, b"", b"")]),
            (b"Joe <>", [Address(b"Joe", None, b"", b"")]),
        )

    def test_without_brackets_or_commas(self):
        self.check(
            (b"Joe Doe joe@x.org", [Address(b"Joe Doe", None, b"joe", b"x.org")]),
            (b"joe@x.org ann@x.org", [JOE]),
            (b"joe@x.org <joe@x.org>", [Address(b"joe@x.org", None, b"joe", b"x.org")]),
            (b"<joe@x.org, joe@x.org", [JOE, JOE]),
            (b"<joe@x.org>junk, joe@x.org", [JOE, JOE]),
            (b"<<joe@x.org>>", [JOE]),
        )

    def test_misplaced_specials(self):
        self.check(
            (b"a@b@x.org", [Address(None, None, b"a@b", b"x.org")]),
            (b"<joe doe@x.org>", [Address(None, None, b"joe doe", b"x.org")]),
            (b"<Undisclosed:@x.org;>, joe@x.org", [Address(None, None, b"Undisclosed:", b"x.org;"), JOE]),
            (b"a: b: joe@x.org", [group(b"a"), END_OF_GROUP, group(b"b"), JOE, END_OF_GROUP]),
            (b":", [group(b""), END_OF_GROUP]),
        )

    def test_what_is_not_closed(self):
        self.check(
            (b'"Joe <joe@x.org>', [Address(b'"Joe', None, b"joe", b"x.org")]),
            (b"joe@x.org (Joe", [Address(b"Joe", None, b"joe", b"x.org")]),
            (b"[joe <joe@x.org>", [Address(b"[joe", None, b"joe", b"x.org")]),
            (b"a: joe@x.org", [group(b"a"), JOE, END_OF_GROUP]),
        )

    def test_too_long(self):
        self.assertEqual(parse_addresses(b"a" * MAX_OCTETS + b"b, c"), [Address(None, None, b"a" * MAX_OCTETS, b"")])
        self.assertEqual(parse_addresses(b"(" * MAX_OCTETS), [])

    @settings(max_examples=1000, deadline=None, derandomize=True)
    @given(st.lists(st.sampled_from(UNITS), max_size=8).map(b"".join))
    def test_plain_lists_are_parsed_like_all_others(self, octets):
        plain = _plain(octets)
        self.assertIn(plain, (None, _parse(octets)))

    def test_what_is_plain(self):
        for octets in b"joe@x.org", b"<joe@x.org>,", b'"Doe, J" <joe@x.org>, Joe Doe <joe@x.org>', b"joe@x.org (Joe)":
            self.assertEqual(_plain(octets), _parse(octets))

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(any_octets)
    def test_any_octets(self, octets):
        depth = 0
        for address in parse_addresses(octets):
            if address.host is None:
                self.assertEqual((address.name, address.route, address.mailbox is None), (None, None, depth == 1))
                depth = 1 - depth
            else:
                self.assertIsNot(address.mailbox, None)
        self.assertEqual(depth, 0)
