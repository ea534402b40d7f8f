"""How far a command is that takes long (RFC 9585)."""

from collections.abc import Iterator

from mailstore.uidset import UidSet


class Progress:
    """What the command that runs has done so far, as it counts itself.

    Attributes:
        done: how many messages, or whatever it works on.
        goal: how many there are; 0 if it does not count.

    """

    __slots__ = ("done", "goal")

    def __init__(self) -> None:
        self.begin(0)

    def begin(self, goal: int) -> None:
        """Count anew, up to `goal`."""
        self.done, self.goal = 0, goal

    def passed(self, count: int) -> None:
        """Count some more."""
        self.done += count

    def parts(self, uids: UidSet, size: int) -> Iterator[UidSet]:
        """Yield messages in parts of a size, and count each once the next is asked for."""
        self.begin(len(uids))
        for part in uids.batches(size):
            yield part
            self.passed(len(part))

    def code(self, tag: bytes) -> str:
        """``"INPROGRESS" SP "(" inprogress-tag SP inprogress-state ")"``

        ``inprogress-tag = quoted / nil``, nil for a tag that would end the code.  The goal is not reached before the
        command ends.
        """
        name = "NIL" if b"]" in tag else f'"{tag.decode()}"'
        state = f"{min(self.done, self.goal - 1)} {self.goal}" if self.goal else "NIL NIL"
        return f"INPROGRESS ({name} {state})"
