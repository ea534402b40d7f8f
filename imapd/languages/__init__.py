"""What the server says to people, in the languages that it speaks (RFC 5255, 3).

The code says everything in English.  A catalogue, the TOML file beside this one that is called by a language's tag, has
a translation for each text.  ``{}`` stands for what is different each time, such as a number or a name; a translation
has it too, or ``{0}`` and ``{1}`` where another order reads better.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Final

from attrs import Factory, field, frozen

_PLACE: Final = re.compile(r"\{\}")


def _expression(template: str) -> re.Pattern[str]:
    """Return what matches the texts that `template` stands for."""
    parts = (part.replace("{{", "{").replace("}}", "}") for part in _PLACE.split(template))
    return re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL)


def _by_template(catalogue: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """Return the translations of texts that vary, the most definite first."""
    varying = sorted((text for text in catalogue if _PLACE.search(text)), key=len, reverse=True)
    return [(_expression(text), catalogue[text]) for text in varying]


@frozen(eq=False)
class Language:
    """A language.

    Attributes:
        tag: what it is called (RFC 5646).
        ascii: whether its texts are ASCII alone, as before a language was chosen.
        catalogue: translations by English text; one that is not there is said in English.

    """

    tag: str
    ascii: bool = False
    catalogue: Mapping[str, str] = Factory(dict)
    _varying: list[tuple[re.Pattern[str], str]] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_varying", _by_template(self.catalogue))

    def say(self, text: str) -> str:
        """Return `text`, which is English, in this language."""
        if text in self.catalogue:
            return self.catalogue[text]
        for expression, translation in self._varying:
            if found := expression.fullmatch(text):
                return translation.format(*map(self.say, found.groups()))
        return text


def _read(tag: str) -> Language:
    return Language(tag, catalogue=tomllib.loads((files(__package__) / f"{tag}.toml").read_text("utf-8")))


DEFAULT: Final = Language("i-default", ascii=True)
"""What is spoken before a language was chosen, and to whom asks for ``default``: English (RFC 2277, 4.5)."""
LANGUAGES: Final = {language.tag: language for language in (Language("en"), _read("da"), _read("fr"), DEFAULT)}


def chosen(ranges: Iterable[str]) -> Language | None:
    """Return the language that the first range names that names any, by lookup (RFC 4647, 3.4); None if none does."""
    for wanted in ranges:
        tag = DEFAULT.tag if wanted.lower() == "default" else wanted.lower()
        while tag:
            if tag in LANGUAGES:
                return LANGUAGES[tag]
            tag = _shortened(tag)
    return None


def _shortened(tag: str) -> str:
    """Return `tag` without its last subtag, and without a single letter before that."""
    tag = tag.rpartition("-")[0]
    return tag[:-2] if tag[-2:-1] == "-" else tag
