from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime.casemap import casemap


class CasemapTests(SynchronousTestCase):
    def test_mapping(self):
        for text, mapped in {
            "": "",
            "Hello, wOrld 1": "HELLO, WORLD 1",
            "ä": "A\u0308",
            "Ä": "A\u0308",
            "a\u0308": "A\u0308",
            "ß": "ß",  # its capitals stand in SpecialCasing.txt, which does not count
            "ǆ": "Dz\u030c",  # titlecase, and only then decomposed
            "Ǆ": "Dz\u030c",
            "ﬁ": "fi",  # no titlecase of its own; what it decomposes to is not mapped again
            "①": "1",
            "ΐ": "ΐ".replace("ΐ", "\u03b9\u0308\u0301"),
            "가": "가",
            "ａ": "A",
            "İ": "I\u0307",
            "\U00010428": "\U00010400",
        }.items():
            self.assertEqual(casemap(text), mapped, text)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.text(), st.text())
    def test_each_character_by_itself(self, one, other):
        self.assertEqual(casemap(one + other), casemap(one) + casemap(other))

    def test_every_character(self):
        for code in range(0, 0x20000, 7):
            casemap(chr(code))
