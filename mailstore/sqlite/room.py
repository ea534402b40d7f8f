"""Whether the disk has room for more than mail."""

import shutil
from pathlib import Path
from typing import Final

SPARE_OCTETS: Final = 1 << 30
SPARE_SHARE: Final = 0.02
"""Space is short when less is free on the disk than this and this share of it: mail that comes needs it more."""


def is_short(folder: Path) -> bool:
    """Tell whether there is little room in a folder."""
    disk = shutil.disk_usage(folder)
    return disk.free < SPARE_OCTETS and disk.free < SPARE_SHARE * disk.total
