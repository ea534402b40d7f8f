from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.search import sortkeys, threadkeys
from imapd.imap.search.sortkeys import MAX_OCTETS, NO_DATE
from mailstore.mime import Message


def keys(*lines):
    """Return the sent date and the texts."""
    packed = sortkeys.pack(Message(b"\r\n".join([*lines, b"", b"body"])))
    return sortkeys.packed_dates([packed])[0], [sortkeys.packed_text(packed, which) for which in range(6)]


def references(*lines):
    return threadkeys.unpack(threadkeys.pack(Message(b"\r\n".join([*lines, b"", b"body"]))))


class SortKeysTest(SynchronousTestCase):
    def test_nothing_there(self):
        self.assertEqual(keys(b"X: y"), (NO_DATE, [b""] * 6))

    def test_each_key(self):
        sent, texts = keys(
            b"From: =?utf-8?q?J=C3=B6rg?= <Joerg@example.de>, other@example.org",
            b"To: bob@example.net (Bob)",
            b"Cc: list:a@x, b@x;",
            b"Subject: Re: [list] =?utf-8?q?gr=C3=BC=C3=9Fe?=",
            b"Date: Sun, 31 Dec 2000 16:01:33 -0800",
        )
        self.assertEqual(sent, 978_307_293)
        self.assertEqual(
            [text.decode() for text in texts], ["GRU\u0308ßE", "JOERG", "BOB", "LIST", "JO\u0308RG", "BOB"]
        )

    def test_what_is_displayed(self):
        """RFC 5957, 3."""
        for address, expected in (
            (b"ada@example.org", b"ADA@EXAMPLE.ORG"),
            (b'"" <ada@example.org>', b"ADA@EXAMPLE.ORG"),
            (b"=?utf-8?q??= <ada@example.org>", b"ADA@EXAMPLE.ORG"),
            (b'"Ada, Countess" <ada@example.org>', b"ADA, COUNTESS"),
            (b"ada", b"ADA"),
            (b"friends:;", b"FRIENDS"),
            (b"", b""),
        ):
            _, found = keys(b"From: " + address, b"To: " + address)
            self.assertEqual((found[sortkeys.DISPLAY_FROM], found[sortkeys.DISPLAY_TO]), (expected, expected), address)

    def test_hostile_texts(self):
        _, found = keys(b"From: <" + b"x" * 9000 + b"@y>", b"Subject: a=?utf-8?q?=00?=b\0c")
        self.assertEqual(found[sortkeys.SUBJECT], b"ABC")
        self.assertLessEqual(max(map(len, found)), MAX_OCTETS)


class ThreadKeysTest(SynchronousTestCase):
    def test_nothing_there(self):
        self.assertEqual(references(b"X: y"), threadkeys.ThreadKeys(NO_DATE, False, 0, 0, []))

    def test_an_id_is_the_same_quoted(self):
        """RFC 5256, 3, has these two."""
        one = references(b'Message-ID: <"01KF8JCEOCBS0045PS"@xxx.yyy.com>')
        two = references(b"Message-ID: <01KF8JCEOCBS0045PS@xxx.yyy.com>")
        other = references(b"Message-ID: <01KF8JCEOCBS0045ps@xxx.yyy.com>")
        self.assertEqual(one.message_id, two.message_id)
        self.assertNotEqual(one.message_id, other.message_id)
        quoted = references(b'Message-ID: <"a \\"b\\" > c"@x>', b'References: <"a \\"b\\" > c"@x>')
        self.assertEqual(quoted.references, [quoted.message_id])

    def test_which_references(self):
        a, b, c = (references(b"Message-ID: <%b@x>" % each).message_id for each in (b"a", b"b", b"c"))
        self.assertEqual(references(b"References: <a@x>\r\n\t<b@x>", b"In-Reply-To: <c@x>").references, [a, b])
        self.assertEqual(references(b"References: none", b"In-Reply-To: <c@x> <a@x>").references, [c])
        self.assertEqual(references(b"In-Reply-To: your mail <> of today").references, [])

    def test_the_nearest_of_many_references(self):
        many = b" ".join(b"<%d@x>" % number for number in range(150))
        found = references(b"References: " + many, b"Message-ID: <149@x>")
        self.assertEqual(len(found.references), threadkeys.MAX_REFERENCES)
        self.assertEqual(found.references[-1], found.message_id)

    def test_subjects(self):
        plain, answer = references(b"Subject: \xc3\xa4 plain"), references(b"Subject: re: \xc3\x84  PLAIN")
        self.assertEqual((plain.subject, plain.is_reply), (answer.subject, False))
        self.assertTrue(answer.is_reply)
        self.assertEqual(references(b"Subject: Re:").subject, threadkeys.NO_SUBJECT)
