"""Who hears of mail on its way."""

from typing import Protocol


class Reporter(Protocol):
    """Who is told how the work goes on."""

    def advance(self, octets: int) -> None:
        """Take note of octets that were read."""

    def say(self, line: str) -> None:
        """Take note of something that went wrong."""
