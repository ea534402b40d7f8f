"""What a client that believes every word of the server knows of its selected mailbox."""

import re

from attrs import Factory, define

_FETCH = re.compile(rb"\* ([0-9]+) FETCH \((.*)\)")
_COUNT = re.compile(rb"\* ([0-9]+) (EXISTS|EXPUNGE|RECENT)")
_UID = re.compile(rb"\bUID ([0-9]+)")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_SUBJECT = re.compile(rb'\bENVELOPE \("[^"]*" "([^"]*)"')


@define
class Known:
    """What is known of one message; None is not told yet."""

    uid: int | None = None
    flags: frozenset[bytes] | None = None
    subject: bytes | None = None


@define
class View:
    """The messages by sequence number; raises AssertionError when the server contradicts itself."""

    messages: list[Known] = Factory(list)
    found: list[int] = Factory(list)

    def hear(self, line: bytes, *, expunges: bool) -> Known | None:
        """Take in one line; return the message that it describes, if it does.

        Args:
            line: without its line end.
            expunges: whether EXPUNGE may be told in answer to this command (RFC 3501, 7.4.1).

        """
        if line.startswith(b"* SEARCH"):
            self.found = [int(number) for number in line.split()[2:]]
        elif count := _COUNT.fullmatch(line):
            self._count(int(count[1]), count[2], expunges)
        elif fetch := _FETCH.fullmatch(line):
            return self._fetched(int(fetch[1]), fetch[2])
        return None

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

    def _fetched(self, number: int, items: bytes) -> Known:
        assert 1 <= number <= len(self.messages), f"FETCH {number} of {len(self.messages)}"
        known = self.messages[number - 1]
        if uid := _UID.search(items):
            assert known.uid in {None, int(uid[1])}, f"message {number} had UID {known.uid}, and now {uid[1]!r}"
            known.uid = int(uid[1])
        if flags := _FLAGS.search(items):
            known.flags = frozenset(flags[1].split()) - {rb"\Recent"}
        if subject := _SUBJECT.search(items):
            assert known.subject in {None, subject[1]}, f"message {number} was {known.subject!r}"
            known.subject = subject[1]
        return known

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
