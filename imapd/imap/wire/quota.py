"""What is told of quotas (RFC 9208, 4.2)."""

from collections.abc import Iterator
from typing import Final

from imapd.imap.wire import encode
from mailstore.model import UNLIMITED, Quota, Usage

ROOT: Final = b"User quota"
"""The one quota root of every account, and all its mailboxes; clients show it to people, and know it from Dovecot."""

_STORAGE_UNIT: Final = 1024
"""Octets that STORAGE counts in (RFC 9208, 5.1)."""


def encode_quota_root(mailbox: bytes) -> bytes:
    """Return the one root of a mailbox, whose name is spelled already.

    ``quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)``
    """
    return b"* QUOTAROOT %b %b\r\n" % (mailbox, encode.astring(ROOT))


def encode_quota(usage: Usage, quota: Quota) -> bytes:
    """Return how much of what is limited is used; an empty list if nothing is (RFC 9208, 4.2.1).

    ``quota-response = "QUOTA" SP quota-root-name SP quota-list``
    """
    return b"* QUOTA %b (%b)\r\n" % (encode.astring(ROOT), b" ".join(_resources(usage, quota)))


def _resources(usage: Usage, quota: Quota) -> Iterator[bytes]:
    """``quota-resource = resource-name SP resource-usage SP resource-limit``"""
    if quota.octets != UNLIMITED:
        yield b"STORAGE %d %d" % (_units(usage.octets), _units(quota.octets))
    if quota.messages != UNLIMITED:
        yield b"MESSAGE %d %d" % (usage.messages, quota.messages)


def _units(octets: int) -> int:
    return -(-octets // _STORAGE_UNIT)
