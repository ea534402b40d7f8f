"""Text as people see it: on one line, without what has no width."""

import re
from typing import Final

_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
"""Controls, and what turns the direction of writing about."""
_BLANKS: Final = "\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u2800\u3164\ufeff\uffa0"
"""Characters without width: within a word they mean something, by themselves they push text out of sight."""
_PADDING: Final = re.compile(f"(?<![{_BLANKS}])[{_BLANKS}]++(?= |$)|(?<= )[{_BLANKS}]++")
_BLANK: Final = re.compile(f"[{_BLANKS}]")
_NOT_SEEN: Final = re.compile(rf"[\s{_BLANKS}]+")


def on_one_line(text: str) -> str:
    """Return `text` with one space for each run of white space, and without what nobody sees."""
    line = " ".join(text.split())
    if _UNSEEN.search(line):
        line = " ".join(_UNSEEN.sub("", line).split())
    if line.isascii() or not _BLANK.search(line):
        return line
    return " ".join(_PADDING.sub("", f" {line}").split())


def seen(text: str) -> int:
    """Return about how many characters of `text` are seen, but for spaces around it."""
    return len(text.strip()) if text.isascii() else len(_NOT_SEEN.sub("", text))
