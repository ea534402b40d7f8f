from twisted.trial.unittest import SynchronousTestCase

from imapd.lmtp.replies import STORE_REPLIES, Reply, spell
from mailstore import errors


class RepliesTests(SynchronousTestCase):
    def test_every_error_of_the_store_is_spelled(self):
        self.assertEqual(set(STORE_REPLIES), set(errors.StoreError.__subclasses__()))

    def test_the_codes_agree(self):
        for reply in STORE_REPLIES.values():
            self.assertEqual(str(reply.code)[0], reply.status[0])

    def test_only_what_trying_again_never_helps_is_permanent(self):
        permanent = {error for error, reply in STORE_REPLIES.items() if reply.code >= 500}
        self.assertEqual(permanent, {errors.NotFound, errors.InvalidName, errors.OverQuota, errors.TooBig})

    def test_a_full_mailbox_may_be_for_now(self):
        self.assertEqual(spell(errors.OverQuota("x"), quota_defers=False).code, 552)
        self.assertEqual(spell(errors.OverQuota("x"), quota_defers=True).code, 452)
        self.assertEqual(spell(errors.TooBig("x"), quota_defers=True).code, 552)

    def test_each_line_has_the_codes(self):
        self.assertEqual(Reply(250, "2.0.0", "one\ntwo").encode(), b"250-2.0.0 one\r\n250 2.0.0 two\r\n")
        self.assertEqual(Reply(354, "", "go on").encode(), b"354 go on\r\n")
