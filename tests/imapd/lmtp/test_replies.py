from twisted.trial.unittest import SynchronousTestCase

from imapd.delivery.failures import FAILURES, failure
from imapd.lmtp.replies import Reply, spell
from mailstore import errors


class RepliesTests(SynchronousTestCase):
    def test_the_codes_agree(self):
        for each in FAILURES.values():
            reply = spell(each)
            self.assertEqual((str(reply.code)[0], reply.status), (each.status[0], each.status))

    def test_a_full_mailbox_may_be_for_now(self):
        self.assertEqual(spell(failure(errors.OverQuota("x"), quota_defers=False)).code, 552)
        self.assertEqual(spell(failure(errors.OverQuota("x"), quota_defers=True)).code, 452)
        self.assertEqual(spell(failure(errors.TooBig("x"), quota_defers=True)).code, 552)

    def test_each_line_has_the_codes(self):
        self.assertEqual(Reply(250, "2.0.0", "one\ntwo").encode(), b"250-2.0.0 one\r\n250 2.0.0 two\r\n")
        self.assertEqual(Reply(354, "", "go on").encode(), b"354 go on\r\n")
