"""A name and a password, as every door and every SASL mechanism hands them to the portal."""

from hmac import compare_digest

from attrs import frozen
from twisted.cred.credentials import IUsernamePassword
from zope.interface import implementer

from imapd.auth.passwords import Password


@implementer(IUsernamePassword)
@frozen
class NameAndPassword:
    """Twisted's ``UsernamePassword``, whose password cannot be printed.

    Attributes:
        username: as the client sent it, UTF-8 unless the client is wrong.
        secret: the password.

    """

    username: bytes
    secret: Password

    @property
    def password(self) -> bytes:
        """The password's octets, where Twisted looks for them."""
        return self.secret.reveal()

    def checkPassword(self, password: bytes) -> bool:
        """Tell whether `password` is the same one."""
        return compare_digest(password, self.password)
