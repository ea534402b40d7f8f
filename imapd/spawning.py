"""Other processes of this program: spawned, so that they have nothing of the one that starts them."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from twisted.internet.interfaces import IProcessTransport, IReactorProcess
from twisted.internet.protocol import ProcessProtocol

import imapd


def spawn(
    reactor: IReactorProcess,
    protocol: ProcessProtocol,
    module: str,
    argument: str,
    descriptors: Mapping[int, int] | None = None,
) -> IProcessTransport:
    """Run ``python -m module argument``, by the same Python and the same packages, wherever these were found.

    Args:
        reactor: Twisted's.
        protocol: told what becomes of it.
        module: what is run.
        argument: the only one.
        descriptors: those of this process that it shall have, by the number that they have there.

    """
    folder = str(Path(imapd.__file__).parent.parent)
    path = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))
    return reactor.spawnProcess(
        protocol,
        sys.executable,
        [sys.executable, "-P", "-m", module, argument],
        env={**os.environ, "PYTHONPATH": path},
        childFDs={0: "w", 1: "r", 2: "r", **(descriptors or {})},
    )
