from twisted.trial.unittest import SynchronousTestCase

from imapd.delivery.failures import FAILURES
from mailstore import errors


class FailureTests(SynchronousTestCase):
    def test_every_error_of_the_store_has_a_meaning(self):
        self.assertEqual(set(FAILURES), set(errors.StoreError.__subclasses__()))

    def test_only_what_trying_again_never_helps_is_permanent(self):
        permanent = {error for error, failure in FAILURES.items() if failure.is_permanent}
        self.assertEqual(permanent, {errors.NotFound, errors.InvalidName, errors.OverQuota, errors.TooBig})
