import datetime
from email.utils import parsedate_to_datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.dates import date, date_time, encode_date_time
from mailstore.model import InternalDate
from tests.imapd.imap.wire.parsing import parse, refusal

KNOWN: dict[bytes, InternalDate] = {
    b'"17-Jul-1996 02:44:25 -0700"': InternalDate(837596665, -420),  # RFC 3501, 7.4.2
    b'" 1-Jan-1970 00:00:00 +0000"': InternalDate(0, 0),
    b'" 1-Jan-1970 05:30:00 +0530"': InternalDate(0, 330),
    b'"31-Dec-1969 23:59:59 -0030"': InternalDate(1799, -30),
    b'"29-Feb-2024 12:00:00 +1400"': InternalDate(1709157600, 840),
    b'" 1-Jan-0001 00:00:00 +0000"': InternalDate(-62135596800, 0),
    b'"31-Dec-9999 23:59:59 -2359"': InternalDate(253402300799 + 86340, -1439),
}


class DateTests(SynchronousTestCase):
    def test_dates(self):
        for octets, expected in {
            b"1-Feb-1994": datetime.date(1994, 2, 1),
            b"01-feb-1994": datetime.date(1994, 2, 1),
            b'"31-DEC-9999"': datetime.date(9999, 12, 31),
            b"1-Jan-0001": datetime.date(1, 1, 1),
            b"29-Feb-2000": datetime.date(2000, 2, 29),
        }.items():
            self.assertEqual(parse(date, octets), expected)

    def test_broken_dates(self):
        for octets in (
            b"", b"1-Feb", b"1-Feb-94", b"1-Feb-19945", b"1-Foo-1994", b"0-Feb-1994", b"30-Feb-1994", b"29-Feb-1900",
            b'"1-Feb-1994', b'1-Feb-1994"', b"1-Feb-0000", b"1-2-1994", b"1994-02-01", b" 1-Feb-1994", b"001-Feb-1994",
        ):
            refusal(date, octets)


class DateTimeTests(SynchronousTestCase):
    def test_known_times_both_ways(self):
        for octets, when in KNOWN.items():
            self.assertEqual(parse(date_time, octets), when)
            self.assertEqual(encode_date_time(when), octets)

    def test_other_spellings(self):
        self.assertEqual(parse(date_time, b'"01-JAN-1970 00:00:00 -0000"'), InternalDate(0, 0))
        self.assertEqual(parse(date_time, b'"1-Jan-1970 00:00:00 +0000"'), InternalDate(0, 0))
        self.assertEqual(parse(date_time, b'"31-Dec-2016 23:59:60 +0000"'), InternalDate(1483228800, 0))

    def test_broken_times(self):
        for octets in (
            b"", b'""', b"17-Jul-1996 02:44:25 -0700", b'"17-Jul-1996"', b'"17-Jul-1996 02:44:25"',
            b'"17-Jul-1996 02:44 -0700"', b'"17-Jul-1996 2:44:25 -0700"', b'"17-Jul-1996 24:00:00 -0700"',
            b'"17-Jul-1996 02:60:25 -0700"', b'"17-Jul-1996 02:44:61 -0700"', b'"17-Jul-1996 02:44:25 -0760"',
            b'"17-Jul-1996 02:44:25 +2400"', b'"17-Jul-1996 02:44:25 0700"', b'"17-Jul-1996 02:44:25 UTC"',
            b'"17-Jul-1996 02:44:25 -0700', b'"31-Jun-1996 02:44:25 -0700"', b'"17-Jul-0000 02:44:25 -0700"',
            b'"  7-Jul-1996 02:44:25 -0700"', b'"17-Jul-1996  02:44:25 -0700"', b"{26+}\r\n17-Jul-1996 02:44:25 -0700",
        ):
            refusal(date_time, octets)

    def test_what_no_year_of_four_digits_holds(self):
        self.assertEqual(encode_date_time(InternalDate(-(1 << 60), 0)), b'" 1-Jan-0001 00:00:00 +0000"')
        self.assertEqual(encode_date_time(InternalDate(1 << 60, 60)), b'"31-Dec-9999 23:59:59 +0100"')

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.integers(-62135596800 + 86400, 253402300799 - 86400), st.integers(-1439, 1439))
    def test_times_survive_the_wire(self, seconds, zone):
        when = InternalDate(seconds, zone)
        octets = encode_date_time(when)
        self.assertEqual(parse(date_time, octets), when)
        self.assertEqual(len(octets), 28)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.integers(-2208988800, 4102444800), st.integers(-840, 840))
    def test_the_standard_library_agrees(self, seconds, zone):
        spelled = encode_date_time(InternalDate(seconds, zone)).decode().strip('"').replace("-", " ", 2)
        self.assertEqual(parsedate_to_datetime(spelled).timestamp(), seconds)
