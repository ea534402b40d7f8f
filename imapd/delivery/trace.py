"""The fields that are written above a message on its way in (RFC 5321, 4.4)."""

import time
from email.utils import formatdate
from functools import lru_cache


def return_path(sender: str) -> str:
    """Return where bounces go: nowhere if `sender` is empty."""
    return f"Return-Path: <{sender}>\r\n"


def delivered_to(address: str) -> str:
    """Return which address the message came for; mail programs look for it, and forwarders that fear loops."""
    return f"Delivered-To: {address}\r\n"


def received(client: str, host: str, protocol: str, number: str, address: str) -> str:
    """Return how the message came in, just now.

    Args:
        client: who brought it.
        host: this server.
        protocol: what was spoken, such as ``LMTP``.
        number: what finds it in the log.
        address: whom it is for.

    """
    return (
        f"Received: from {client}\r\n\tby {host} with {protocol} id {number}\r\n"
        f"\tfor <{address}>; {_date(int(time.time()))}\r\n"
    )


@lru_cache(1)  # many come in a second
def _date(seconds: int) -> str:
    return formatdate(seconds, localtime=True)
