"""Octets among others, with a C library that can tell and without."""

import ctypes

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.fulltext import finding

OCTETS = st.text("ab\0", max_size=6).map(str.encode)


class FindingTest(SynchronousTestCase):
    @given(OCTETS, OCTETS)
    def test_as_python_tells_it(self, octets, sought):
        self.assertEqual(finding.holds(octets, sought), sought in octets)

    def test_without_the_library(self):
        self.patch(ctypes, "PyDLL", lambda name: object())
        holds = finding._holds()
        self.assertTrue(holds(b"in a haystack", b"hay"))
        self.assertFalse(holds(b"in a haystack", b"needle"))
