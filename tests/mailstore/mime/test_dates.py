from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime.dates import parse_date
from mailstore.model import InternalDate

NEW_YEAR = 978_307_200
"""1 January 2001, UTC."""


class DateTests(SynchronousTestCase):
    def check(self, cases: dict[bytes, tuple[int, int] | None]) -> None:
        for value, expected in cases.items():
            self.assertEqual(parse_date(value), expected and InternalDate(*expected), value)

    def test_well_formed(self):
        self.check(
            {
                b"Mon, 01 Jan 2001 00:00:00 +0000": (NEW_YEAR, 0),
                b"1 Jan 2001 00:00 +0000": (NEW_YEAR, 0),
                b"Mon, 1 Jan 2001 02:00:00 +0130": (NEW_YEAR + 30 * 60, 90),
                b"Sun, 31 Dec 2000 16:00:01 -0800 (PST)": (NEW_YEAR + 1, -480),
                b"1 Jan 2001 00:00:00 -0000": (NEW_YEAR, 0),
                b"Thu, 13 Feb 1969 23:32:54 -0330": (-27_723_426, -210),
                b"Fri, 30 Jun 1972 23:59:60 +0000": (78_796_799, 0),
            }
        )

    def test_obsolete(self):
        self.check(
            {
                b"1 Jan 01 00:00:00 GMT": (NEW_YEAR, 0),
                b"1 Jan 101 00:00:00 UT": (NEW_YEAR, 0),
                b"1 Jan 99 00:00:00 Z": (915_148_800, 0),
                b"31 Dec 2000 19:00:00 EST": (NEW_YEAR, -300),
                b"31 Dec 2000 17:00 pdt": (NEW_YEAR, -420),
                b"1 Jan 2001 00:00:00 A": (NEW_YEAR, 0),
                b"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600": (880_127_706, -360),
            }
        )

    def test_what_is_sent_all_the_same(self):
        self.check(
            {
                b"1 Jan 2001": (NEW_YEAR, 0),
                b"Monday, 1-January-2001 00:00:00": (NEW_YEAR, 0),
                b"mon,1 jan 2001 0:0:0 +0000": (NEW_YEAR, 0),
                b"Mon Jan  1 00:00:00 2001": (NEW_YEAR, 0),
                b"Mon Jan 1 00:00:00 EST 2001": (NEW_YEAR + 5 * 3600, -300),
                b"1 Jan 2001 00:00:00.123 +0000": (NEW_YEAR, 0),
                b"1 Jan 2001 00:00:00 CEST": (NEW_YEAR, 0),
                b"1 Jan 2001 00:00:00 +9999": (NEW_YEAR, 0),
                b"1 Jan 2001 01:00:00 +100": (NEW_YEAR, 60),
            }
        )

    def test_no_dates(self):
        for value in (
            b"",
            b"never",
            b"31 Feb 2001 00:00:00 +0000",
            b"1 Jan 2001 24:00:00 +0000",
            b"1 Jan 2001 00:60:00 +0000",
            b"1 Jan 0000",
            b"0 Jan 2001",
            b"1 Jam 2001",
            b"01-02-2001",
            b"1" * 10_000,
        ):
            self.assertIs(parse_date(value), None, value)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.text("0123456789 :+-,()JanMonESTZ\\\r\n\xb2", max_size=60))
    def test_anything(self, text):
        parse_date(text.encode("latin-1"))
