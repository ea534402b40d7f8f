"""Dots at the beginning of lines, with a C library that can tell and without."""

import ctypes

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.pop3 import linedots


class LineDotsTest(SynchronousTestCase):
    @given(st.text("a\0\r\n.", max_size=12).map(str.encode), st.integers(0, 70))
    def test_as_python_tells_it(self, octets, before):
        octets = b"a" * before + octets  # some C libraries look at many octets at once
        self.assertEqual(linedots.holds_dot(octets), b"\n." in octets)

    def test_without_the_library(self):
        self.patch(ctypes, "PyDLL", lambda name: object())
        holds_dot = linedots._holds_dot()
        self.assertTrue(holds_dot(b"a\r\n."))
        self.assertFalse(holds_dot(b".a\r\nb."))
