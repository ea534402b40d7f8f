"""What the server acknowledged, and what it may or may not have done when it was killed."""

from collections import defaultdict
from dataclasses import dataclass, field

PLACES = ("INBOX", "Archive")
"""The mailboxes in which letters come and go."""
COPIES = "Sent"
"""Where copies of them are put, of each letter one."""


@dataclass
class Letter:
    """One message: where it may be (None: nowhere), which keywords it may have, and whether it may have a copy."""

    octets: bytes
    places: set[str | None]
    uid: int | None = None
    flags: set[frozenset[str]] = field(default_factory=lambda: {frozenset()})
    copied: set[bool] = field(default_factory=lambda: {False})

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


@dataclass
class State:
    """Everything that was found."""

    letters: dict[str, list[Found]] = field(default_factory=lambda: defaultdict(list))
    names: set[tuple[str, str]] = field(default_factory=set)
    """Of mailboxes and subscriptions, with which of both it is."""
    validities: dict[str, int] = field(default_factory=dict)
    modseqs: dict[str, int] = field(default_factory=dict)
    uid_nexts: dict[str, int] = field(default_factory=dict)


class Journal:
    """Every letter by its name, every mailbox and subscription, and every UID and mod-sequence that was ever told."""

    def __init__(self):
        self.letters = {}
        self.names = {("mailbox", place): {True} for place in PLACES}
        self.owners = {}
        self.modseqs = {}
        self.validities = {}
        self.together = []

    def may_come(self, octets, place, instead_of=None):
        """Note that letters, by their names, are about to be sent: all of them or none may come, or replace another."""
        self.letters |= {name: Letter(each, {None, place}) for name, each in octets.items()}
        if instead_of is not None:
            self.letters[instead_of].places |= {None}
        self.together.append((set(octets), instead_of))

    def came(self, uids, place, instead_of=None):
        """Note that they were acknowledged, under which UIDs."""
        for name, uid in uids.items():
            self.did(name, place=place, uid=uid)
        if instead_of is not None:
            self.did(instead_of, place=None)
        self.together = [bond for bond in self.together if bond[0] != set(uids)]

    def may(self, name, **changes):
        """Note that an operation on a letter begins: from now on it may have happened."""
        letter = self.letters[name]
        letter.places |= {changes["place"]} if "place" in changes else set()
        letter.flags |= {changes["flags"]} if "flags" in changes else set()
        letter.copied |= {changes["copied"]} if "copied" in changes else set()

    def did(self, name, **changes):
        """Note that it was acknowledged."""
        letter = self.letters[name]
        if "place" in changes:
            letter.places = {changes["place"]}
            letter.uid = changes.get("uid")
            if letter.uid:
                assert self.owners.setdefault((letter.place, letter.uid), name) == name, f"UID {letter.uid} again"
        if "flags" in changes:
            letter.flags = {changes["flags"]}
        if "copied" in changes:
            letter.copied = {changes["copied"]}

    def name(self, kind, name, *possible):
        """Note whether there may be a mailbox or a subscription of a name."""
        self.names[kind, name] = set(possible)

    def saw(self, place, modseq):
        """Note that a mod-sequence was told."""
        self.modseqs[place] = max(modseq, self.modseqs.get(place, 0))

    def old(self, kept):
        """Return the names of all letters but the newest, as many as are `kept`."""
        return list(self.letters)[:-kept]

    def old_mailboxes(self, kept):
        """Return the same of mailboxes other than those for letters, which are there for certain."""
        there = [name for (kind, name), may in self.names.items() if kind == "mailbox" and may == {True}]
        return [name for name in there if name not in PLACES][:-kept]

    def forget(self, names):
        """Note that letters were expunged wherever they were: whoever comes back was never sent."""
        for name in names:
            del self.letters[name]

    def settle(self, state):
        """Compare with what a server that was started again has; return what is wrong, and take that for certain."""
        wrong = [*self._wrong_names(state), *self._wrong_numbers(state), *self._half_done(state)]
        for name, letter in self.letters.items():
            wrong += [f"{name}: {problem}" for problem in self._problems(name, letter, state.letters.get(name, []))]
        wrong += [f"{name}: never sent" for name in state.letters.keys() - self.letters.keys()]
        return wrong

    def _wrong_names(self, state):
        for (kind, name), possible in self.names.items():
            there = (kind, name) in state.names
            if there not in possible:
                yield f"{kind} {name}: {'there' if there else 'lost'}"
            self.names[kind, name] = {there}

    def _wrong_numbers(self, state):
        for place, modseq in state.modseqs.items():
            if modseq < self.modseqs.get(place, 0):
                yield f"{place}: mod-sequence went back"
            if self.validities.setdefault(place, state.validities[place]) != state.validities[place]:
                yield f"{place}: another UIDVALIDITY"
            self.saw(place, modseq)
        for place, uid in self.owners:
            if uid >= state.uid_nexts.get(place, 0):
                yield f"{place}: the UID {uid} may be used again"

    def _half_done(self, state):
        there = {name for name, found in state.letters.items() if any(each.place != COPIES for each in found)}
        for names, instead_of in self.together:
            if 0 < len(names & there) < len(names):
                yield f"{names}: some came and some did not"
            elif instead_of is not None and (instead_of in there) == bool(names & there):
                yield f"{names} instead of {instead_of}: half replaced"
        self.together = []

    def _problems(self, name, letter, found):
        copies = [each for each in found if each.place == COPIES]
        found = [each for each in found if each.place != COPIES]
        places = {each.place for each in found} or {None}
        if len(found) > 1 or len(copies) > 1:
            yield f"there {len(found)} times, and {len(copies)} copies"
        if not places <= letter.places:
            yield f"is in {places}, may be in {letter.places}"
        if bool(copies) not in letter.copied:
            yield f"{'a' if copies else 'no'} copy"
        if any(each.octets != letter.octets for each in found + copies):
            yield "other octets"
        for each in found:
            if each.flags not in letter.flags:
                yield f"has {set(each.flags)}, may have {letter.flags}"
            if self.owners.setdefault((each.place, each.uid), name) != name:
                yield f"has the UID {each.uid}, which was another's"
        letter.places, letter.copied = places, {bool(copies)}
        letter.uid = found[0].uid if found else None
        letter.flags = {found[0].flags} if found else letter.flags
