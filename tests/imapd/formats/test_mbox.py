import re

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.formats import mbox
from imapd.formats.mbox import Dialect
from mailstore.model import ANSWERED, FLAGGED, SEEN, InternalDate
from tests.imapd.formats.files import raw, write

FROM = b"From ada@example.org Mon Jan  1 10:00:00 2024\n"
NEW_YEAR = 1704103200


class MboxTests(SynchronousTestCase):
    def read(self, octets, dialect=None):
        [self.folder, *found] = mbox.read(write(self.mktemp(), octets), dialect=dialect)
        return found

    def test_messages_stand_between_separators_and_keep_no_blank_line(self):
        found = self.read(FROM + b"Subject: one\n\nbody\n\n" + FROM + b"Subject: two\n\n\n\n")
        self.assertEqual([raw(message) for message in found], [b"Subject: one\n\nbody\n", b"Subject: two\n\n\n"])

    def test_a_file_with_crlf_is_read_alike(self):
        octets = FROM + b"Subject: one\n\nbody\n\n" + FROM + b"Subject: two\n\n>From me\n"
        found = self.read(octets.replace(b"\n", b"\r\n"))
        self.assertEqual(
            [raw(message) for message in found],
            [b"Subject: one\r\n\r\nbody\r\n", b"Subject: two\r\n\r\nFrom me\r\n"],
        )

    def test_a_line_of_text_is_no_separator(self):
        for text in (
            b"From here on it is text\n",
            b"From Mon to Tue\n",
            b"From ada@example.org Mon Jan 99 10:00:00 2024\n",
            b"From ada@example.org Mon Xyz  1 10:00:00 2024\n",
            b"not after a blank line:\n" + FROM,
        ):
            octets = FROM + b"Subject: one\n\nbody\n\n" + text + b"more\n"
            self.assertEqual([raw(message) for message in self.read(octets)], [octets[len(FROM) :]])

    def test_thunderbirds_empty_separator_counts_before_a_field(self):
        found = self.read(b"From \nSubject: one\n\nbody\n\nFrom - \nSubject: two\n\n\nFrom \nwhere?\n")
        self.assertEqual([raw(m) for m in found], [b"Subject: one\n\nbody\n", b"Subject: two\n\n\nFrom \nwhere?\n"])

    def test_quoting_is_undone_in_the_body_only(self):
        [found] = self.read(FROM + b">From x\nSubject: s\n\n>From a\n>>From b\n > From c\n>from d\n")
        self.assertEqual(raw(found), b">From x\nSubject: s\n\nFrom a\n>From b\n > From c\n>from d\n")

    def test_internal_date_is_that_of_the_separator(self):
        for separator, zone in (
            (b"From ada Mon Jan  1 10:00:00 2024", 0),
            (b"From ada@example.org  Mon Jan  1 10:00 2024", 0),
            (b"From - Mon Jan 01 11:00:00 2024 +0100", 60),
            (b"From ada Mon, 1 Jan 2024 10:00:00 GMT", 0),
        ):
            [found] = self.read(separator + b"\nSubject: s\nDate: Tue, 2 Jan 2024 10:00:00 +0000\n\n")
            self.assertEqual(found.internal_date, InternalDate(NEW_YEAR, zone))

    def test_a_date_that_cannot_be_is_a_separator_but_no_date(self):
        [found] = self.read(b"From ada Mon Jan  1 10:00:00 2124\nSubject: s\n\n")
        self.assertIs(found.internal_date, None)

    def test_without_one_the_header_tells_the_date(self):
        [found] = self.read(b"From \nSubject: s\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\n")
        self.assertEqual(found.internal_date, InternalDate(NEW_YEAR, 0))

    def test_flags_are_those_of_the_status_fields(self):
        [found] = self.read(FROM + b"Status: RO\nX-Status: AF\nSubject: s\n\n")
        self.assertEqual(found.flags, {SEEN, ANSWERED, FLAGGED})

    def test_thunderbirds_flags_tags_and_removed_messages(self):
        found = self.read(
            FROM
            + b"X-Mozilla-Status: 1005\nX-Mozilla-Keys: $label1 (bad)  \n\nkept\n\n"
            + FROM
            + b"X-Mozilla-Status: 0009\n\nremoved\n"
        )
        self.assertEqual([message.flags for message in found], [{SEEN, FLAGGED, "$Forwarded", "$label1"}])

    def test_an_empty_message_is_left_out(self):
        self.assertEqual([raw(m) for m in self.read(FROM + b"\n" + FROM + b"A: b\n")], [b"A: b\n"])

    def test_each_message_is_named(self):
        path = write(self.mktemp(), FROM + b"A: b\n\n" + FROM + b"A: c\n\n")
        self.assertEqual([m.source for m in list(mbox.read(path))[1:]], [f"{path} (message 1)", f"{path} (message 2)"])

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.lists(st.sampled_from([b"From ", b">From ", b"\n", b"\r\n", b"a: b\n", FROM]), max_size=12).map(b"".join))
    def test_any_octets_are_read(self, octets):
        for found in self.read(FROM + octets):
            self.assertLessEqual(len(raw(found)), len(octets))

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(st.lists(st.lists(st.sampled_from([b"From x", b">From y", b"text", b""])), min_size=1, max_size=4))
    def test_what_mboxrd_wrote_is_read_back(self, bodies):
        messages = [b"A: b\n\n" + b"".join(line + b"\n" for line in body) for body in bodies]
        quoted = [message.replace(b"\n>From", b"\n>>From").replace(b"\nFrom", b"\n>From") for message in messages]
        found = self.read(b"".join(FROM + message + b"\n" for message in quoted))
        self.assertEqual([raw(message) for message in found], messages)

    def test_the_four_dialects(self):
        body = b"\nFrom me Mon Jan  1 10:00:00 2024\n>From you\n>>From her\n"
        once, unquoted = body.replace(b"\nFrom", b"\n>From"), body.replace(b"\n>From", b"\nFrom")
        length = b"Content-Length: %d\n"
        for dialect, written, read in (
            (Dialect.MBOXO, b"a: b\n\n" + once, b"a: b\n\n" + unquoted),
            (Dialect.MBOXRD, b"a: b\n\n" + re.sub(b"(?m)^(>*From )", b">\\1", body), b"a: b\n\n" + body),
            (Dialect.MBOXCL, length % len(once) + b"\n" + once, length % len(once) + b"\n" + unquoted),
            (Dialect.MBOXCL2, length % len(body) + b"\n" + body, length % len(body) + b"\n" + body),
        ):
            octets = b"".join(FROM + written + b"\n" for _ in range(3))
            self.assertEqual([raw(found) for found in self.read(octets, dialect)], [read] * 3, dialect)
            if dialect in {Dialect.MBOXRD, Dialect.MBOXCL2}:
                self.assertEqual([raw(found) for found in self.read(octets)], [read] * 3, f"{dialect} by itself")

    def test_a_content_length_that_lies_is_not_believed(self):
        one, two = b"Subject: one\n\nbody\n", b"Subject: two\n\nbody\n"
        for lie in (0, 1, 4, 6, 7, 40, 10**6, 10**14):
            octets = FROM + b"Content-Length: %d\n" % lie + one + b"\n" + FROM + two + b"\n"
            found = [raw(message) for message in self.read(octets)]
            self.assertEqual(found, [b"Content-Length: %d\n" % lie + one, two], lie)
            found = [raw(message) for message in self.read(octets, Dialect.MBOXCL2)]
            self.assertEqual(found, [b"Content-Length: %d\n" % lie + one, two], lie)

    def test_one_that_leads_over_other_messages_is_not_believed_where_others_have_none(self):
        inner = b"Subject: s\n\nbody\n\n" + FROM + b"Subject: two\n\nbody\n"
        octets = FROM + b"Content-Length: %d\n" % (len(inner) - 12) + inner + b"\n"
        octets = octets + (FROM + b"Subject: more\n\nbody\n\n") * 3
        self.assertEqual(len(self.read(octets)), 5)

    def test_uids_uidvalidity_and_keywords_of_dovecot(self):
        found = self.read(
            FROM
            + b"X-IMAPbase: 1234567890 0000000009 $Work      \nX-UID: 3\nX-Keywords: $Work x(\nStatus: RO\n\nbody\n\n"
            + FROM
            + b"X-UID: 9\n\nbody\n\n"
            + FROM
            + b"X-UID: none\n\nbody\n"
        )
        self.assertEqual((self.folder.identity.uid_validity, self.folder.identity.uid_next), (1234567890, 10))
        self.assertEqual([message.uid for message in found], [3, 9, None])
        self.assertEqual(found[0].flags, {SEEN, "$Work"})

    def test_what_uws_server_keeps_in_the_first_place_is_no_message(self):
        found = self.read(
            FROM
            + b"Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX-IMAP: 1234567890 0000000000\n\ntext\n\n"
            + FROM
            + b"Subject: s\n\nbody\n"
        )
        self.assertEqual([raw(message) for message in found], [b"Subject: s\n\nbody\n"])
        self.assertEqual(self.folder.identity.uid_next, 1)

    def test_our_own_fields_are_no_part_of_the_message(self):
        octets = b"Status: O\nX-Mozilla-Status: 0009\n>From x\n\n>From here\r\nno end"
        written = (
            b"X-IMAPbase: 1234567890 9\nX-UID: 4\nStatus: RO\nX-Status: F\nX-Keywords: a\n"
            b"X-Imapd-Message: zone=-60 uidl=abc line-ends=exact end=none\n"
        )
        [found] = self.read(FROM + written + octets.replace(b"\n>From", b"\n>>From") + b"\n\n")
        self.assertEqual(b"".join(found.octets()), octets)
        self.assertEqual((found.uid, found.uidl, found.flags), (4, "abc", {SEEN, FLAGGED, "a"}))
        self.assertEqual(found.internal_date, InternalDate(NEW_YEAR, -60))

    def test_no_octet_at_all(self):
        self.assertEqual(self.read(b""), [])
