"""What a process that serves gives back to the system."""

import platform
import subprocess
import sys
from unittest import skipUnless

from twisted.trial.unittest import SynchronousTestCase

TAKEN = """
from array import array
from pathlib import Path
from imapd import interpreter

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

interpreter.prepare()
large = array("I", bytes(16 << 20))  # by itself glibc would take everything smaller for small from here on
del large
before = resident()
taken, between = [], []
for _ in range(16):
    taken.append(array("I", b"x" * (1 << 20)))
    between.append(bytes(64))
del taken
print(resident() - before)
"""

LEFT = """
from pathlib import Path
from imapd import interpreter

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

interpreter.prepare()
taken, between = [], []
for _ in range(1000):
    taken.append(b"x" * (64 << 10))
    between.append(bytes(1024))
del taken
before = resident()
interpreter.trim()
print(before - resident())
"""


class InterpreterTests(SynchronousTestCase):
    @skipUnless(sys.platform == "linux", "asks Linux how much is resident")
    def test_what_was_large_goes_back_to_the_system(self):
        told = subprocess.run([sys.executable, "-c", TAKEN], capture_output=True, text=True, check=True).stdout
        self.assertLess(int(told), 2 << 20)

    @skipUnless(platform.libc_ver()[0] == "glibc", "other C libraries give back what they like")
    def test_what_is_free_between_the_rest_is_given_back(self):
        told = subprocess.run([sys.executable, "-c", LEFT], capture_output=True, text=True, check=True).stdout
        self.assertGreater(int(told), 32 << 20)
