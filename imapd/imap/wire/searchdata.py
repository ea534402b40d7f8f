"""The parts of an ESEARCH response (RFC 4466, 2.6.2)."""

from collections.abc import Iterable, Iterator


def esearch_head(tag: bytes, *, by_uid: bool) -> bytes:
    """``esearch-response = "ESEARCH" [search-correlator] [SP "UID"]`` and then ``*(SP search-return-data)``"""
    return b'* ESEARCH (TAG "%b")' % tag + (b" UID" if by_uid else b"")


def esearch_head_of(tag: bytes, mailbox: bytes, uid_validity: int) -> bytes:
    """Return the same of an answer that says which `mailbox` it is about, spelled for the client, always by UID.

    ``search-correlator = SP "(" one-correlator *(SP one-correlator) ")"``  (RFC 7377, 4)
    """
    return b'* ESEARCH (TAG "%b" MAILBOX %b UIDVALIDITY %d) UID' % (tag, mailbox, uid_validity)


def encode_range(first: int, last: int) -> bytes:
    """``nz-number / nz-number ":" nz-number``"""
    return b"%d" % first if first == last else b"%d:%d" % (first, last)


def encode_in_order(numbers: Iterable[int]) -> Iterator[bytes]:
    """Yield the ranges of a ``sequence-set`` that names `numbers` in their order (RFC 5267, 3.2)."""
    first = last = 0
    for number in numbers:
        if number == last + 1 and first:
            last = number
            continue
        if first:
            yield encode_range(first, last)
        first = last = number
    if first:
        yield encode_range(first, last)
