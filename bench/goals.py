"""What we want of each measurement: how ours compares with the better of Dovecot and Cyrus."""

from typing import Final

from attrs import frozen

from bench.records import Results
from bench.servers.dovecot import Dovecot
from bench.servers.ours import OurServer

UNITS: Final = {
    "cpu": "us of CPU", "rate": "a second", "p50": "ms", "p99": "ms, p99", "kib": "KiB", "disk": "octets",
}  # fmt: skip


@frozen
class Goal:
    """A line of the table.

    Attributes:
        title: what it calls the operation, of which there is one a message unless it says otherwise.
        figure: which one is compared, see `bench.records.Record`.
        bound: ours by the other's at most; at least, for a rate; or just ours, where `absolute`.
        cyrus: what Cyrus took by what Dovecot did in a run of both, where it took less.

    """

    workload: str
    variant: str
    title: str
    bound: float
    figure: str = "cpu"
    cyrus: float = 1.0
    absolute: bool = False

    @property
    def name(self) -> tuple[str, str]:
        return self.workload, self.variant

    @property
    def higher_is_better(self) -> bool:
        return self.figure == "rate"


@frozen
class Verdict:
    """A goal beside what was measured: medians, and ours by the better of the others (`None`: not measured)."""

    goal: Goal
    ours: float
    theirs: float | None
    ratio: float | None

    @property
    def met(self) -> bool | None:
        value = self.ours if self.goal.absolute else self.ratio
        if value is None:
            return None
        return value >= self.goal.bound if self.goal.higher_is_better else value <= self.goal.bound


def verdicts(results: Results) -> list[Verdict]:
    """Return what became of each goal whose workload was run."""
    found = []
    for goal in GOALS:
        ours, theirs = (results.median(server.name, goal.name, goal.figure) for server in (OurServer, Dovecot))
        if ours is not None:
            ratio = ours / (theirs * goal.cyrus) if theirs else None
            found.append(Verdict(goal, ours, theirs, ratio))
    return found


def spelled(value: float | None) -> str:
    """Return a figure in three digits that count."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


GOALS: Final = [
    Goal("W1", "1 connection", "APPEND, 1 connection", 0.8),
    Goal("W1", "1 connection", "APPEND, 1 connection", 1.5, "rate"),
    Goal("W1", "8 connections, 8 users", "APPEND, 8 connections, 8 users", 0.8),
    Goal("W1", "8 connections, 8 users", "APPEND, 8 connections, 8 users", 1.5, "rate"),
    Goal("W2", "huge, new connection", "SELECT of the huge mailbox", 0.5, "p50"),
    Goal("W3", "big, again", "FETCH of flags, big", 0.7, cyrus=0.907),
    Goal("W3", "huge, again", "FETCH of flags, huge", 0.7, cyrus=0.724),
    Goal("W4", "Thunderbird, first", "Thunderbird's headers, first", 0.05, cyrus=0.55),
    Goal("W4", "Thunderbird, again", "Thunderbird's headers, again", 0.25),
    Goal("W5", "ENVELOPE, first", "ENVELOPE, first", 0.6, cyrus=0.0561),
    Goal("W5", "ENVELOPE, again", "ENVELOPE, again", 0.6, cyrus=0.324),
    Goal("W5", "BODYSTRUCTURE, first", "BODYSTRUCTURE, first", 0.8, cyrus=0.0289),
    Goal("W5", "BODYSTRUCTURE, again", "BODYSTRUCTURE, again", 0.8),
    Goal("W6", "all bodies, again", "All bodies", 1.0, cyrus=0.988),
    Goal("W6", "one large", "One large body", 2.5),
    Goal("W6", "64 KiB of it", "64 KiB of it", 0.7, cyrus=0.567),
    Goal("W7", "BODY, again", "SEARCH BODY, a rare word", 0.002),
    Goal("W7", "TEXT, again", "SEARCH TEXT, a rare word", 0.002),
    Goal("W7", "FROM, again", "SEARCH FROM", 0.3, cyrus=0.863),
    Goal("W7", "SUBJECT, again", "SEARCH SUBJECT", 0.3),
    Goal("W7", "Message-ID, again", "SEARCH HEADER Message-ID", 0.3),
    Goal("W8", "1:*", "STORE 1:*", 2.0),
    Goal("W8", "single", "STORE of one", 2.0),
    Goal("W9", "COPY", "COPY", 0.15),
    Goal("W9", "MOVE", "MOVE", 0.15, cyrus=0.834),
    Goal("W9", "EXPUNGE", "EXPUNGE", 0.15),
    Goal("W10", "all commands", "50 connections, a command", 0.6),
    Goal("W10", "all commands", "50 connections, a command", 0.2, "p99"),
    Goal("W11", "an idle connection", "An idle connection", 8.0, "kib", absolute=True),
    Goal("W11", "an idle connection, TLS", "An idle connection, TLS", 40.0, "kib", absolute=True),
    Goal("W11", "APPEND seen in IDLE", "APPEND seen in IDLE", 0.5, "p50", cyrus=0.0109),
    Goal("W12", "login, 1 at a time", "Login, 1 at a time", 0.4, cyrus=0.643),
    Goal("W12", "login, 8 at a time", "Login, 8 at a time", 0.4, cyrus=0.707),
    Goal("W12", "NOOP, round trip", "NOOP, round trip", 1.0),
    Goal("W12", "NOOP, pipelined by 100", "NOOP, pipelined by 100", 1.0),
    Goal("W13", "octets a mail's octet", "Disk, an octet of mail", 0.75, "disk", absolute=True),
    Goal("W14", "SORT by date, first", "SORT by date, first", 1.0, cyrus=0.0385),
    Goal("W14", "SORT by date, again", "SORT by date, again", 1.0, cyrus=0.447),
    Goal("W14", "SORT by subject, first", "SORT by subject, first", 1.0, cyrus=0.338),
    Goal("W14", "SORT by subject, again", "SORT by subject, again", 1.0),
    Goal("W14", "THREAD, first", "THREAD, first", 1.0, cyrus=0.0847),
    Goal("W14", "THREAD, again", "THREAD, again", 1.0),
    Goal("W15", "CHANGEDSINCE", "CHANGEDSINCE, 10 of the huge", 1.0, "p50", cyrus=0.109),
    Goal("W15", "QRESYNC SELECT", "SELECT (QRESYNC), 10 of the huge", 0.2, "p50"),
    Goal("W16", "POP3, again", "POP3 RETR", 1.0),
    Goal("W16", "LMTP, 1 at a time", "LMTP, 1 connection", 0.4, cyrus=0.653),
    Goal("W16", "LMTP, 8 at a time", "LMTP, 8 connections", 0.4, cyrus=0.896),
]
