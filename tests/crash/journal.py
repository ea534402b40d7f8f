"""What the server acknowledged, and what it may or may not have done when it was killed."""

from dataclasses import dataclass, field

Place = tuple[str, int | None]
"""A mailbox, and the UID there if it is known."""


@dataclass
class Letter:
    """One message: where it may be (None: nowhere), and which keywords it may have."""

    octets: bytes
    places: set[str | None]
    uid: int | None = None
    flags: set[frozenset[str]] = field(default_factory=lambda: {frozenset()})

    @property
    def place(self):
        """Where it is, if that is certain."""
        return next(iter(self.places)) if len(self.places) == 1 else None


@dataclass
class Found:
    """One message as it was found: where, under which UID, with which keywords."""

    place: str
    uid: int
    flags: frozenset[str]
    octets: bytes


class Journal:
    """Every letter by its name, every mailbox, and every UID that was ever seen."""

    def __init__(self):
        self.letters = {}
        self.mailboxes = {"INBOX": {True}, "Archive": {True}}
        self.owners = {}
        self.modseqs = {}

    def may(self, name, **changes):
        """Note that an operation on a letter begins: from now on it may have happened."""
        letter = self.letters[name]
        letter.places |= {changes["place"]} if "place" in changes else set()
        letter.flags |= {changes["flags"]} if "flags" in changes else set()

    def did(self, name, **changes):
        """Note that it was acknowledged."""
        letter = self.letters[name]
        if "place" in changes:
            letter.places = {changes["place"]}
            letter.uid = changes.get("uid")
        if "flags" in changes:
            letter.flags = {changes["flags"]}

    def settle(self, found, mailboxes, validities, modseqs):
        """Compare with what a server that was started again has; return what is wrong, and take that for certain."""
        wrong = [f"{name}: mailbox {'there' if name in mailboxes else 'lost'}"
                 for name, possible in self.mailboxes.items() if (name in mailboxes) not in possible]
        wrong += [f"mailbox {name}: mod-sequence went back" for name, modseq in modseqs.items()
                  if modseq < self.modseqs.get(validities[name], 0)]
        for name, letter in self.letters.items():
            wrong += [f"{name}: {problem}" for problem in self._problems(name, letter, found.get(name, []), validities)]
        wrong += [f"{name}: never sent" for name in found.keys() - self.letters.keys()]
        self.mailboxes = {name: {name in mailboxes} for name in self.mailboxes}
        self.modseqs |= {validities[name]: modseq for name, modseq in modseqs.items()}
        return wrong

    def _problems(self, name, letter, found, validities):
        places = {each.place for each in found} or {None}
        if len(found) > 1:
            yield f"there {len(found)} times"
        if not places <= letter.places:
            yield f"is in {places}, may be in {letter.places}"
        for each in found:
            if each.octets != letter.octets:
                yield "other octets"
            if each.flags not in letter.flags:
                yield f"has {set(each.flags)}, may have {letter.flags}"
            if self.owners.setdefault((validities[each.place], each.uid), name) != name:
                yield f"has the UID {each.uid}, which was another's"
        letter.places = places
        letter.uid = found[0].uid if found else None
        letter.flags = {found[0].flags} if found else letter.flags
