from twisted.trial.unittest import SynchronousTestCase

from imapd.formats.uidlformat import DOVECOTS, UidlFormat


class UidlFormatTests(SynchronousTestCase):
    def test_dovecots_variables(self):
        for text, uidl in (
            (DOVECOTS.text, "0000000a499602d2"),
            ("%v.%u", "1234567890.10"),
            ("%Xv-%04u", "499602d2-0010"),
            ("%f", "1.host,S=3"),
            ("%6f", "1.host"),
            ("UID%u-%v", "UID10-1234567890"),
            ("100%%", "100%"),
            ("x", "x"),
        ):
            self.assertEqual(UidlFormat(text).of(10, 1234567890, "1.host,S=3"), uidl)

    def test_what_files_do_not_tell(self):
        for text in ("%m", "%g", "%", "%08Xq", "%{uid}"):
            self.assertRaises(ValueError, UidlFormat, text)
