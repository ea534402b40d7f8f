"""What pytest does before the tests that trial does by itself."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def _scratch_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run in a scratch folder: `TestCase.mktemp` makes its folders where the tests run."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("scratch"))
    yield
    os.chdir(before)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: int) -> None:
    """End a run in which a failed test left its store open: the threads of that would keep the process for ever."""
    if exitstatus and any(thread.name.startswith("PoolThread") for thread in threading.enumerate()):
        threading.Timer(10, _leave, (int(exitstatus),)).start()


def _leave(status: int) -> None:
    sys.stdout.flush()
    os._exit(status)
