"""Any octets are a message: what is made of one when it comes in, tried on octets that a coverage-guided fuzzer makes.

``python -m tests.fuzz.mail [SECONDS [FOLDER]]`` needs atheris (``pip install atheris``); it begins with messages in
FOLDER, and adds to them what it finds worth keeping.  The suite tries the same by hypothesis, in
``tests/mailstore/mime``.
"""

import sys
from importlib import import_module

atheris = import_module("atheris")  # no dependency of the tests

with atheris.instrument_imports():
    from imapd.imap.fetch.renderings import RENDERINGS
    from mailstore.mime import Message, Part, pack, unpack
    from mailstore.mime.references import references
    from mailstore.mime.text import body_text, header_text


def assert_in_order(part: Part, start: int, stop: int) -> None:
    """Every part lies within its parent, behind its elder brothers."""
    assert start <= part.header <= part.body <= part.end <= stop, part
    at = part.body
    for child in part.children:
        assert_in_order(child, at, part.end)
        at = child.end


def try_message(octets: bytes) -> None:
    """Make everything of a message that is made of one; nothing may be raised."""
    message = Message(octets)
    assert_in_order(message.root, 0, len(octets))
    assert unpack(pack(message.root)) == message.root
    for rendering in RENDERINGS:
        assert isinstance(rendering.make(message), bytes)
    for text in (*body_text(message), *(value for _, value in header_text(message))):
        assert isinstance(text, str)
    references(message.header(message.root))


if __name__ == "__main__":
    seconds, *folders = sys.argv[1:] or ["60"]
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", "-max_len=20000", *folders], try_message)
    atheris.Fuzz()
