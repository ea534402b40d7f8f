"""The base subject, by which SORT and THREAD compare (RFC 5256, 2.1)."""

import re
from typing import Final

_SPACES: Final = re.compile(r"[ \t\r\n]+").sub
_BLOB: Final = r"\[[^\[\]]*+\] *+"
_BLOBS: Final = re.compile(f"(?:{_BLOB})*").match
_LEADERS: Final = re.compile(rf"(?: *+(?:{_BLOB})*(?P<refwd>re|fwd?) *+(?:{_BLOB})?:)* *+", re.I | re.A).match
_TRAILERS: Final = re.compile(r"(?: *(?P<fwd>\)dwf\())* *", re.I | re.A).match
"""Of the subject backwards, since a pattern that looks for the end from the left looks again from everywhere."""
_FORWARD: Final = "[fwd:"

MAX_CHARACTERS: Final = 1000
"""Of a subject that are looked at, about a line (RFC 5322, 2.1.1): peeling one nested ``[fwd:`` copies what is left."""


def base_subject(subject: str) -> tuple[str, bool]:
    """Return the base subject of a decoded subject, and whether that one is of a reply or forward (RFC 5256, 3).

    ::

        subject      = *subj-leader [subj-middle] *subj-trailer
        subj-refwd   = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
        subj-blob    = "[" *BLOBCHAR "]" *WSP
        subj-fwd     = subj-fwd-hdr subject subj-fwd-trl
        subj-fwd-hdr = "[fwd:"
        subj-fwd-trl = "]"
        subj-leader  = (*subj-blob subj-refwd) / WSP
        subj-middle  = *subj-blob (subj-base / subj-fwd)
        subj-trailer = "(fwd)" / WSP
        subj-base    = NONWSP *(*WSP NONWSP)
    """
    text, answers = _SPACES(" ", subject[:MAX_CHARACTERS]), False
    while True:
        text, trimmed = _trim(text)
        text, led = _without_leaders(text)
        text = _without_blobs(text)
        answers = answers or trimmed or led
        if not (text[: len(_FORWARD)].lower() == _FORWARD and text.endswith("]")):
            return text, answers
        text, answers = text[len(_FORWARD) : -1], True


def _trim(text: str) -> tuple[str, bool]:
    """Take off every subj-trailer; tell whether a ``(fwd)`` was among them."""
    found = _TRAILERS(text[::-1])
    assert found is not None, "it matches nothing, too"
    return text[: len(text) - found.end()], found["fwd"] is not None


def _without_leaders(text: str) -> tuple[str, bool]:
    """Take off every subj-leader; tell whether a subj-refwd was among them."""
    found = _LEADERS(text)
    assert found is not None, "it matches nothing, too"
    return text[found.end() :], found["refwd"] is not None


def _without_blobs(text: str) -> str:
    """Take off every subj-blob, but leave the last if nothing is behind it.

    No subj-leader can come to light: one that has blobs before it is taken off with them.
    """
    found = _BLOBS(text)
    assert found is not None, "it matches nothing, too"
    if found.end() < len(text):
        return text[found.end() :]
    return text[text.rfind("[") :] if text else text
