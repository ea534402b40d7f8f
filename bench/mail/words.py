"""Words, in text as long as is wanted, and people."""

import base64
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final


def _words(name: str) -> list[str]:
    return (Path(__file__).with_name("words") / name).with_suffix(".txt").read_text("utf-8").split()


WORDS: Final = _words("english")
EIGHT_BIT: Final = _words("eight_bit")
RUSSIAN: Final = _words("russian")
RARE_BODY: Final = b"zanzibarquokka"
"""In the text of one message in 997."""
RARE_SUBJECT: Final = b"Quetzalcoatl"
"""In the Subject of one message in 499."""

_GIVEN: Final = _words("given_names")
_FAMILY: Final = _words("family_names")
_DOMAINS: Final = ("example.com", "example.org", "corp.example.net", "lists.example.org", "mail.example.edu")
_PARAGRAPH_SHARE: Final = 0.1


def text(chosen: random.Random, size: int, more: Sequence[str] = ()) -> str:
    """Return at least `size` characters of words in lines of at most 72, `more` of them often among the others."""
    words = WORDS + [*more] * 8
    lines: list[str] = []
    line: list[str] = []
    total = 0
    while total < size:
        line.append(chosen.choice(words))
        if sum(map(len, line)) + len(line) > 64:
            lines.append(" ".join(line))
            total += len(lines[-1]) + 2
            line = ["\r\n"] if chosen.random() <= _PARAGRAPH_SHARE else []
    return "\r\n".join(lines).replace("\r\n ", "\r\n") + "\r\n"


def people(chosen: random.Random, number: int) -> list[str]:
    """Return addresses with names."""
    made = []
    for each in range(number):
        name = chosen.choice(_GIVEN) + " " + chosen.choice(_FAMILY)
        made.append(f"{encoded(name)} <{name.split()[0].lower()}{each}@{chosen.choice(_DOMAINS)}>")
    return made


def encoded(phrase: str) -> str:
    """Return an encoded word of RFC 2047 where one is needed."""
    return phrase if phrase.isascii() else "=?UTF-8?B?" + base64.b64encode(phrase.encode()).decode() + "?="
