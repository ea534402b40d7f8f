"""What a client that believes every word of the server knows of its selected mailbox."""

import re

from attrs import Factory, define

_FETCH = re.compile(rb"\* ([0-9]+) (FETCH|UIDFETCH) \((.*)\)")
_COUNT = re.compile(rb"\* ([0-9]+) (EXISTS|EXPUNGE|RECENT)")
_VANISHED = re.compile(rb"\* VANISHED (\(EARLIER\) )?([0-9:,]+)")
_UID = re.compile(rb"\bUID ([0-9]+)")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_MODSEQ = re.compile(rb"\bMODSEQ \(([0-9]+)\)")
_HIGHEST = re.compile(rb"(?:\*|x) OK \[HIGHESTMODSEQ ([0-9]+)\]")
_SUBJECT = re.compile(rb'\bENVELOPE \("[^"]*" "([^"]*)"')


@define
class Known:
    """What is known of one message; None is not told yet."""

    uid: int | None = None
    flags: frozenset[bytes] | None = None
    modseq: int | None = None
    subject: bytes | None = None


@define
class View:
    """The messages by sequence number; raises AssertionError when the server contradicts itself.

    Attributes:
        messages: what is known of each.
        found: what the last SEARCH answered.
        highest: the mod-sequence up to which all is known, as RFC 7162, 6, has a client work it out.

    """

    messages: list[Known] = Factory(list)
    found: list[int] = Factory(list)
    highest: int = 0
    _said: int | None = None
    _heard: int = 0

    def hear(self, line: bytes, *, expunges: bool) -> Known | None:
        """Take in one line; return the message that it describes, if it does.

        Args:
            line: without its line end.
            expunges: whether EXPUNGE may be told in answer to this command (RFC 3501, 7.4.1).

        """
        if highest := _HIGHEST.match(line):
            self._said = int(highest[1])
        if line.startswith(b"x "):
            self._ended()
        elif vanished := _VANISHED.fullmatch(line):
            self._vanished(uids(vanished[2]), expunges, earlier=bool(vanished[1]))
        elif line.startswith(b"* SEARCH"):
            self.found = [int(number) for number in line.split()[2:]]
        elif count := _COUNT.fullmatch(line):
            self._count(int(count[1]), count[2], expunges)
        elif fetch := _FETCH.fullmatch(line):
            return self._fetched(int(fetch[1]), fetch[2], fetch[3])
        return None

    def _ended(self) -> None:
        self.highest = max(self.highest, self._heard) if self._said is None else self._said
        self._said, self._heard = None, 0

    def _vanished(self, gone: list[int], expunges: bool, *, earlier: bool) -> None:
        if earlier:
            assert not set(gone) & set(self.uids), f"{gone} are still counted"
            return
        assert expunges, "VANISHED where it is forbidden"
        for uid in gone:
            self._remove(uid)

    def _remove(self, uid: int) -> None:
        """Remove the message that has this UID, or one that may have it by its place among the others."""
        named = [at for at, message in enumerate(self.messages) if message.uid == uid]
        above = [at for at, message in enumerate(self.messages) if message.uid is not None and message.uid > uid]
        at = named[0] if named else min(above, default=len(self.messages)) - 1
        assert at >= 0, f"VANISHED {uid} of {self.uids}"
        assert self.messages[at].uid in {uid, None}, f"VANISHED {uid} of {self.uids}"
        del self.messages[at]

    def _count(self, number: int, what: bytes, expunges: bool) -> None:
        if what == b"EXISTS":
            assert number >= len(self.messages), f"EXISTS {number} takes messages away"
            self.messages += [Known() for _ in range(number - len(self.messages))]
        elif what == b"EXPUNGE":
            assert expunges, "EXPUNGE where it is forbidden"
            assert 1 <= number <= len(self.messages), f"EXPUNGE {number} of {len(self.messages)}"
            del self.messages[number - 1]
        else:
            assert number <= len(self.messages), f"RECENT {number} of {len(self.messages)}"

    def _fetched(self, number: int, what: bytes, items: bytes) -> Known:
        known = self._called(number, what)
        if uid := _UID.search(items):
            assert known.uid in {None, int(uid[1])}, f"message {number} had UID {known.uid}, and now {uid[1]!r}"
            known.uid = int(uid[1])
        if flags := _FLAGS.search(items):
            known.flags = frozenset(flags[1].split()) - {rb"\Recent"}
        if modseq := _MODSEQ.search(items):
            known.modseq = int(modseq[1])
            self._heard = max(self._heard, known.modseq)
        if subject := _SUBJECT.search(items):
            assert known.subject in {None, subject[1]}, f"message {number} was {known.subject!r}"
            known.subject = subject[1]
        return known

    def _called(self, number: int, what: bytes) -> Known:
        """Return the message that a response is about."""
        assert what == b"FETCH", f"{number} {what!r} from one who counts"
        assert 1 <= number <= len(self.messages), f"FETCH {number} of {len(self.messages)}"
        return self.messages[number - 1]

    @property
    def complete(self) -> bool:
        """Whether every message's UID is known."""
        return all(known.uid is not None for known in self.messages)

    @property
    def uids(self) -> list[int]:
        """The UIDs that are known, by sequence number; they must ascend."""
        uids = [known.uid for known in self.messages if known.uid is not None]
        assert uids == sorted(set(uids)), f"UIDs do not ascend: {uids}"
        return uids


@define
class UidView(View):
    """The same for one who enabled UIDONLY (RFC 9586): those whose UID is not known stand last, in no order."""

    def _remove(self, uid: int) -> None:
        named = [at for at, message in enumerate(self.messages) if message.uid in {uid, None}]
        assert named, f"VANISHED {uid} of {self.uids}"
        del self.messages[named[0]]

    def _count(self, number: int, what: bytes, expunges: bool) -> None:
        assert what != b"EXPUNGE", "EXPUNGE to one who does not count"
        super()._count(number, what, expunges)

    def _called(self, number: int, what: bytes) -> Known:
        assert what == b"UIDFETCH", f"{number} {what!r} to one who does not count"
        found = [known for known in self.messages if known.uid in {number, None}]
        assert found, f"UIDFETCH {number} of {self.uids}"
        found[0].uid = number
        self.messages.sort(key=lambda known: (known.uid is None, known.uid or 0))
        return found[0]


def uids(spelled: bytes) -> list[int]:
    """Return the numbers of a set without ``*``."""
    runs = [[int(uid) for uid in run.split(b":")] for run in spelled.split(b",")]
    return [uid for run in runs for uid in range(run[0], run[-1] + 1)]
