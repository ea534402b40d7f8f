from typing import Any, cast

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword, UsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import Interface, implementer

from imapd.auth.books import Books
from imapd.auth.portal import ThrottledPortal
from imapd.auth.realm import ILogin, MailRealm
from mailstore.model import AccountId, User
from tests.imapd.auth.register import Register

ADA = User("ada", AccountId("ada"))


@implementer(ICredentialsChecker)
class Checker:
    credentialInterfaces = (IUsernamePassword,)

    def __init__(self):
        self.asked = 0
        self.found = ADA

    def requestAvatarId(self, credentials):
        self.asked += 1
        return succeed(self.found) if credentials.checkPassword(b"secret") else fail(UnauthorizedLogin())


class ThrottledPortalTests(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.register = Register(ada="")
        self.checker = Checker()
        self.portal = ThrottledPortal(self.clock, Books())
        self.portal.open(MailRealm(cast(Any, self.register)), [self.checker])

    def login(self, password, host="192.0.2.1"):
        return self.portal.login(UsernamePassword(b"ada", password), host, ILogin)

    def test_a_login_holds_the_account_until_it_ends(self):
        interface, login, _ = self.successResultOf(self.login(b"secret"))
        self.assertIs(interface, ILogin)
        self.assertTrue(ILogin.providedBy(login))
        self.assertEqual((login.user, login.account.holders), ("ada", 1))
        self.successResultOf(Deferred.fromCoroutine(login.end()))
        self.assertEqual(login.account.holders, 0)

    def test_a_checker_may_know_no_more_than_the_name(self):
        self.checker.found = b"Ada"
        _, login, _ = self.successResultOf(self.login(b"secret"))
        self.assertEqual((login.user, login.account.holders), ("ada", 1))

    def test_who_was_found_by_the_checker_is_not_looked_up_again(self):
        self.register.user = None
        _, login, _ = self.successResultOf(self.login(b"secret"))
        self.assertEqual(login.user, "ada")

    def test_the_logout_of_cred_ends_it_too(self):
        _, login, log_out = self.successResultOf(self.login(b"secret"))
        log_out()
        self.assertEqual(login.account.holders, 0)

    def test_failures_make_the_next_attempt_wait(self):
        for _ in range(3):
            self.failureResultOf(self.login(b"wrong"), UnauthorizedLogin)
        waiting = self.login(b"secret", "192.0.2.9")
        self.assertNoResult(waiting)
        self.assertEqual(self.checker.asked, 3)
        self.clock.advance(1)
        self.successResultOf(waiting)
        self.successResultOf(self.login(b"secret"))

    def test_a_client_that_goes_away_is_not_waited_for(self):
        for _ in range(3):
            self.failureResultOf(self.login(b"wrong"), UnauthorizedLogin)
        waiting = self.login(b"secret")
        waiting.cancel()
        self.failureResultOf(waiting, CancelledError)
        self.assertEqual(self.checker.asked, 3)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_who_goes_away_before_the_answer_has_failed_too(self):
        """A hash that was begun costs as much as one that is waited for."""
        answer = self.checker.requestAvatarId
        self.checker.requestAvatarId = lambda _: Deferred()
        for _ in range(3):
            going = self.login(b"wrong")
            going.cancel()
            self.failureResultOf(going, CancelledError)
        self.checker.requestAvatarId = answer
        waiting = self.login(b"secret")
        self.assertEqual(self.checker.asked, 0)
        self.clock.advance(1)
        self.successResultOf(waiting)

    def test_other_avatars_are_not_to_be_had(self):
        portal = Portal(MailRealm(cast(Any, self.register)), [self.checker])
        self.failureResultOf(portal.login(UsernamePassword(b"ada", b"secret"), None, Interface), NotImplementedError)
