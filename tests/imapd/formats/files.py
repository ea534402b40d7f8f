"""Mail that the tests write into files."""

from pathlib import Path

MESSAGE = b"Subject: one\nDate: Mon, 1 Jan 2024 10:00:00 +0100\n\nbody\n"


def write(path, octets):
    """Write a file and the folders above it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)
    return path


def make_maildir(path, **files):
    """Make a Maildir; `files` are octets by ``cur`` or ``new`` and name."""
    for sub in ("cur", "new", "tmp"):
        (Path(path) / sub).mkdir(parents=True)
    for name, octets in files.items():
        write(Path(path) / name, octets)
    return Path(path)


def raw(found):
    """Return a message's octets as they lie in the file."""
    return b"".join(found.pieces())
