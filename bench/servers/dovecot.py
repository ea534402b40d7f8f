"""Dovecot 2.3 with sdbox, its fastest format, tuned for speed."""

import subprocess
from pathlib import Path
from typing import Final

from bench.servers import Server, fill_in, program

TEMPLATE: Final = Path(__file__).with_name("dovecot.conf")
LIBRARY: Final = Path("/usr/lib/dovecot")
NEEDED: Final = ("imap", "pop3", "lmtp")
"""Programs of dovecot-imapd, dovecot-pop3d and dovecot-lmtpd."""


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

    def derived(self) -> list[Path]:
        return list(self.data.rglob("dovecot.index.cache"))
