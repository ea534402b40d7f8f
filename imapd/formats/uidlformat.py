"""How Dovecot names messages for POP3 whose names it has not written down: its setting ``pop3_uidl_format``.

::

    format   = *(variable / "%%" / other)
    variable = "%" [["0"] width] ["X"] ("u" / "v" / "f")   ; UID, UIDVALIDITY, and the name of the file without flags
"""

import re
from typing import Final

from attrs import field, frozen

_VARIABLE: Final = re.compile(r"%(?:(0?)(\d{1,2}))?(X?)([uvf%])")
_NUMBERS: Final = frozenset("uv")


@frozen
class UidlFormat:
    """A format that was checked; `ValueError` if it has variables that mail in files does not tell."""

    text: str = field()

    @text.validator
    def _check(self, _: object, text: str) -> None:
        if "%" in _VARIABLE.sub("", text):
            raise ValueError("a format of UIDLs has the variables %u, %v and %f, as in %08Xu%08Xv")

    def of(self, uid: int, uid_validity: int, base: str) -> str:
        """Return the name of a message, by its UID and the base of its file's name."""
        values = {"u": uid, "v": uid_validity, "f": base, "%": "%"}

        def expanded(variable: re.Match[str]) -> str:
            zero, width, is_hex, letter = variable.groups()
            text = f"{values[letter]:x}" if is_hex and letter in _NUMBERS else str(values[letter])
            return text.rjust(int(width or 0), zero or " ")[: int(width) if width and letter == "f" else None]

        return _VARIABLE.sub(expanded, self.text)


DOVECOTS: Final = UidlFormat("%08Xu%08Xv")
"""What holds if the setting was never touched."""
