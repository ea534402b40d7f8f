"""What is told of quotas (RFC 9208, 4.2)."""

from collections.abc import Iterator
from typing import Final

from imapd.imap.wire import encode
from mailstore.model import UNLIMITED, Quota, Usage

ROOT: Final = b"User quota"
"""The one quota root of every account, and all its mailboxes; clients show it to people, and know it from Dovecot."""

_STORAGE_UNIT: Final = 1024
"""Octets that STORAGE counts in (RFC 9208, 5.1)."""

_NO_LIMIT: Final = 0xFFFF_FFFF
"""The STORAGE limit that is told where there is none, 4 TiB: the most that clients of RFC 2087 read, with 32 bits."""


def encode_quota_root(mailbox: bytes) -> bytes:
    """Return the one root of a mailbox, whose name is spelled already.

    ``quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)``
    """
    return b"* QUOTAROOT %b %b\r\n" % (mailbox, encode.astring(ROOT))


def encode_quota(usage: Usage, quota: Quota) -> bytes:
    """Return how much is used of what is limited, and of the storage in any case: people want to see it.

    ``quota-response = "QUOTA" SP quota-root-name SP quota-list``
    """
    return b"* QUOTA %b (%b)\r\n" % (encode.astring(ROOT), b" ".join(_resources(usage, quota)))


def _resources(usage: Usage, quota: Quota) -> Iterator[bytes]:
    """``quota-resource = resource-name SP resource-usage SP resource-limit``"""
    used = _units(usage.octets)
    yield b"STORAGE %d %d" % (used, max(used, _NO_LIMIT) if quota.octets == UNLIMITED else _units(quota.octets))
    if quota.messages != UNLIMITED:
        yield b"MESSAGE %d %d" % (usage.messages, quota.messages)


def _units(octets: int) -> int:
    return -(-octets // _STORAGE_UNIT)
