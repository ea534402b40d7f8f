"""URLs of messages: what they say, and what is none (RFC 5092, 11)."""

from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import No
from imapd.imap.wire.messageurl import MAX_OCTETS, message_url

WHOLE = b"BODY[]"


class UrlTest(SynchronousTestCase):
    def test_what_they_say(self):
        for written, *expected in (
            (b"/INBOX/;UID=20", None, "INBOX", True, None, 20, WHOLE),
            (b"/inbox;uidvalidity=7/;uid=20/;section=1.5", None, "INBOX", True, 7, 20, b"BODY[1.5]"),
            (b"/INBOX;UIDVALIDITY=7/;UID=20;SECTION=1.5", None, "INBOX", True, 7, 20, b"BODY[1.5]"),
            (b"/a/b/;UID=1/;SECTION=2.MIME/;PARTIAL=5.10", None, "a/b", True, None, 1, b"BODY[2.MIME]<5>"),
            (b"/a/;UID=1/;PARTIAL=5", None, "a", True, None, 1, b"BODY[]<5>"),
            (b"a/;UID=1", None, "a", False, None, 1, WHOLE),
            (b";UID=1/;SECTION=TEXT", None, None, False, None, 1, b"BODY[TEXT]"),
            (b"/;UID=1", None, None, True, None, 1, WHOLE),
            (b";UIDVALIDITY=9/;UID=1", None, None, False, 9, 1, WHOLE),
            (b"/K%C3%A4se%20%26%2F%3b/;UID=1", None, "Käse &/;", True, None, 1, WHOLE),
            (b"imap://ada@h.example/a/;UID=1", ("ada", "h.example"), "a", True, None, 1, WHOLE),
            (b"IMAP://a%40b;AUTH=PLAIN@H.example:143/a/;UID=1", ("a@b", "h.example"), "a", True, None, 1, WHOLE),
            (b"//ada@h.example/a/;UID=1", ("ada", "h.example"), "a", True, None, 1, WHOLE),
            (
                b"/a/;UID=1/;SECTION=HEADER.FIELDS%20(%22a%20b%22%20c)",
                *(None, "a", True, None, 1, b'BODY[HEADER.FIELDS ("a b" c)]'),
            ),
        ):
            url = message_url(written)
            found = [url.server, url.mailbox, url.rooted, url.uid_validity, url.uid, url.section.label]
            self.assertEqual(found, expected, written)

    def test_what_is_none(self):
        for written, told in (
            (b"", b'""'),
            (b"/INBOX", b"/INBOX"),
            (b"/INBOX/;UID=x", b"/INBOX/;UID=x"),
            (b"/INBOX/;UID=1/", b"/INBOX/;UID=1/"),
            (b"/INBOX/;UID=1/;SECTION=", b"/INBOX/;UID=1/;SECTION="),
            (b"/INBOX/;UID=1/;SECTION=0", b"/INBOX/;UID=1/;SECTION=0"),
            (b"/INBOX/;UID=1/;SECTION=%80", b"/INBOX/;UID=1/;SECTION=%80"),
            (b"/INBOX/;UID=1/;PARTIAL=0.0", b"/INBOX/;UID=1/;PARTIAL=0.0"),
            (b"/a//b/;UID=1", b"/a//b/;UID=1"),
            (b"/a%/;UID=1", b"/a%/;UID=1"),
            (b"/%00/;UID=1", b"/%00/;UID=1"),
            (b"imap://ada@/a/;UID=1", b"imap://ada@/a/;UID=1"),
            (b"imap://ada@h;UID=1", b"imap://ada@h;UID=1"),
            (b"/K\xc3\xa4se/;UID=1", b"/K%C3%A4se/;UID=1"),
            (b'/a] "\\\r\n/;UID=1', b"/a%5D%20%22%5C%0D%0A/;UID=1"),
            (b"/" + b"a" * MAX_OCTETS, b"/" + b"a" * (MAX_OCTETS - 1)),
        ):
            error = self.assertRaises(No, message_url, written)
            self.assertEqual(error.code, "BADURL " + told.decode())

    def test_hostile_ones_take_no_longer(self):
        for beginning in (b"/", b"//a@", b"imap://", b"/a;UID=1;SECTION="):
            for unit in (b"/", b"a", b"%41", b";UID=1", b"@", b";AUTH="):
                self.assertRaises(No, message_url, (beginning + unit * MAX_OCTETS)[:MAX_OCTETS])
