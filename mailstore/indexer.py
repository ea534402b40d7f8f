"""``python -m mailstore.indexer URL``: keeps the search indexes of a store up to date until standard input ends."""

import select
import signal
import sys

from mailstore import keep_indexed


def input_ends(seconds: float) -> bool:
    """Wait at most so long for the end of standard input, which is also the end of whoever started this process."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def main() -> None:
    """Keep the indexes of the store that the command line names."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us too, and is for the server
    keep_indexed(sys.argv[1], input_ends)


if __name__ == "__main__":
    main()
