"""How much of everything."""

from attrs import evolve, frozen


@frozen
class Sizes:
    """How large the mailboxes are, how often, and how long.

    Attributes:
        messages: in the big mailbox, of all kinds of mail.
        small: in the huge mailbox, of a few lines each.
        appends: messages of W1, W13, W16.
        singles: single STOREs.
        mixed: messages in each INBOX of the mixed load, and its seconds.
        logins: seconds of each kind of login.
        idlers: connections in IDLE, one series after the other.
        rounds: messages that idle connections hear of.
        large: octets of the one large message.
        repeat: runs of a command whose median counts.
        patience: seconds for one answer.

    """

    messages: int = 20_000
    small: int = 100_000
    appends: int = 2_000
    singles: int = 2_000
    mixed: int = 500
    mixed_seconds: float = 20.0
    login_seconds: float = 5.0
    noops: int = 5_000
    idlers: int = 2_000
    most_idlers: int = 20_000
    rounds: int = 100
    large: int = 25_000_000
    repeat: int = 3
    patience: float = 240.0


FULL = Sizes()
QUICK = evolve(
    FULL, messages=1_000, small=5_000, appends=300, singles=300, mixed=60, mixed_seconds=4.0, login_seconds=1.5,
    noops=2_000, idlers=200, most_idlers=500, rounds=10, large=5_000_000, repeat=3, patience=120.0,
)  # fmt: skip
