"""What an administrator decides of a store."""

from typing import Final

from attrs import frozen

from mailstore.model import NO_QUOTA, Quota

MAX_MESSAGE_OCTETS: Final = 100 << 20
"""Four times what the large providers take."""
KEPT_DAYS: Final = 7
"""How long an expunged message is kept: for sessions that were not told yet, and for those who regret."""


@frozen
class Policy:
    """Settings that hold for every account.

    Attributes:
        max_message_octets: a larger message is refused with `TooBig`.
        quota: the limits of users who have none of their own.
        kept_days: how many days an expunged message is kept, unless space is short.

    """

    max_message_octets: int = MAX_MESSAGE_OCTETS
    quota: Quota = NO_QUOTA
    kept_days: float = KEPT_DAYS
