"""Header fields that are kept beside a message, and others that are among them."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import TestCase

from imapd.imap.fetch.renderings import HEADER_LISTS, header_list
from imapd.imap.wire.encode import of_literal
from mailstore.mime import Message, select_fields

_LINES = st.sampled_from([
    b"From: a\r\n", b"from : b\n", b"Subject: c\r\n d\r\n", b" folded at the start\r\n", b"no field\r\n", b"\tmore\r\n",
    b"X-Other: e\r\n", b"To:", b":empty\n", b"From mbox Mon 10:00\n", b"Received: f\r\n\tg\r\n", b"\r\n", b"\n",
])  # fmt: skip


class HeaderLists(TestCase):
    def test_a_list_with_fewer_fields_is_found(self):
        for fields in HEADER_LISTS:
            self.assertIs(header_list(fields), HEADER_LISTS[fields])
            self.assertIsNotNone(header_list(frozenset([b"from"])))

    def test_a_list_with_other_fields_is_not(self):
        self.assertIsNone(header_list(frozenset([b"from", b"x-other"])))

    @given(st.lists(_LINES), st.sets(st.sampled_from([b"from", b"subject", b"to", b"received"]), min_size=1))
    def test_fields_of_the_fields_are_the_fields(self, lines, names):
        octets = b"".join(lines)
        wanted = frozenset(names)
        message = Message(octets)
        header = octets[message.root.header : message.root.body]
        kept = of_literal(header_list(wanted).make(message))
        self.assertEqual(select_fields(kept, wanted), select_fields(header, wanted))
