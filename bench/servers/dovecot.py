"""Dovecot 2.3 with sdbox, its fastest format, tuned for speed."""

import subprocess
from pathlib import Path
from typing import Final

from bench.servers import Server, fill_in, program

TEMPLATE: Final = Path(__file__).with_name("dovecot.conf")
LIBRARY: Final = Path("/usr/lib/dovecot")
NEEDED: Final = ("imap", "pop3", "lmtp")
"""Programs of dovecot-imapd, dovecot-pop3d and dovecot-lmtpd."""
INDEXES: Final = "dovecot.index*"


def is_installed() -> bool:
    return program("dovecot") is not None and all((LIBRARY / name).exists() for name in NEEDED)


class Dovecot(Server):
    """Run by root: it wants to change into its users."""

    name = "Dovecot"
    durability = "mail synced to disk before OK (fsync); flags, indexes and expunges written, not synced (optimized)"

    def __init__(self, folder: Path, certificate: Path, key: Path) -> None:
        super().__init__(folder)
        self.data = folder / "mail"
        self.data.mkdir(exist_ok=True)
        self.data.chmod(0o777)  # users make their folders in it
        for above in (folder, folder.parent):
            above.chmod(0o755)
        self._configuration = folder / "dovecot.conf"
        ports = {door.upper(): port for door, port in self.ports.items()}
        values = {"RUN": folder / "run", "DATA": self.data, "CERTIFICATE": certificate, "KEY": key, **ports}
        fill_in(TEMPLATE, self._configuration, values)

    def command(self) -> list[str]:
        found = program("dovecot")
        assert found is not None
        return [found, "-F", "-c", str(self._configuration)]

    def version(self) -> str:
        [found] = self.command()[:1]
        return "Dovecot " + subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout[:6]

    def put_in_order(self, user: str) -> None:
        """Nothing: it does so when mail comes in."""

    def note_filled(self, user: str, mailbox: str) -> None:
        super().note_filled(user, mailbox)
        _copy_indexes(self._folder(user, mailbox), self.aside(user, mailbox))

    def forget(self, user: str, mailbox: str) -> None:
        """Bring back the indexes: the cache is of what was asked for, one has threads, and one the order by subject."""
        folder = self._folder(user, mailbox)
        for path in folder.glob(INDEXES):
            path.unlink()
        _copy_indexes(self.aside(user, mailbox), folder)

    def _folder(self, user: str, mailbox: str) -> Path:
        return self.data / user / "mail" / "mailboxes" / mailbox / "dbox-Mails"


def _copy_indexes(source: Path, target: Path) -> None:
    """Copy them, for the same user."""
    subprocess.run(["cp", "--preserve", *source.glob(INDEXES), target], check=True)
