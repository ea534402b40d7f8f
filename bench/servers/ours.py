"""Our server, as it is configured by default."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import apsw

import imapd
from bench.client import HOST
from bench.servers import Server, free_ports
from imapd.service import DOORS

CERTIFICATE: Final = "tls/certificate.pem"
KEY: Final = "tls/key.pem"
_TWISTD: Final = "from twisted.scripts.twistd import run; run()"


class OurServer(Server):
    """``twistd imapd``."""

    name = "imapd"
    durability = "one transaction a command (one for several clients that come at once), synced to disk before OK"

    def __init__(self, folder: Path, options: list[str] | None = None) -> None:
        """Make the users; `options` are more arguments of ``twistd imapd``."""
        super().__init__(folder)
        self.ports = free_ports(DOORS)
        self.data = folder / "data"
        self._options = options or []
        if not self.data.exists():
            subprocess.run([sys.executable, "-m", "bench.servers.users", str(self.data)], check=True)

    def command(self) -> list[str]:
        doors = [f"--{door}=tcp:{port}:interface={HOST}" for door, port in self.ports.items()]
        arguments = ["-n", "--pidfile=", "imapd", "--data", str(self.data), *doors, *self._options]
        return [sys.executable, "-c", _TWISTD, *arguments]

    def put_in_order(self, user: str) -> None:
        subprocess.run([sys.executable, "-m", "bench.servers.tidying", str(self.data), user], check=True)

    def forget(self, user: str, mailbox: str) -> None:
        """Nothing: what it remembers of questions is in its memory."""

    def version(self) -> str:
        return f"imapd {imapd.__version__}, SQLite {apsw.sqlite_lib_version()}"
