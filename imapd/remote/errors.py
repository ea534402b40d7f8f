"""What another server does wrong, or refuses.  The texts may be shown to people; they hold nothing secret."""


class RemoteError(Exception):
    """The other server cannot be used, or not so."""


class RefusedError(RemoteError):
    """It understood and said no: to a login, to a folder, to a message."""


class LostError(RemoteError):
    """The connection is gone, or what comes over it makes no sense; another one may do."""
