from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.listopts import MAX_PATTERNS, Returned, Selection, patterns, return_options, selection_options
from imapd.imap.wire.metadata import Asked
from imapd.imap.wire.statusatt import status_items
from mailstore.annotations import EntryName
from tests.imapd.imap.wire.parsing import parse, refusal

SELECTIONS = {
    b"()": Selection(),
    b"(REMOTE)": Selection(),
    b"(subscribed)": Selection(subscribed=True),
    b"(SUBSCRIBED REMOTE Subscribed)": Selection(subscribed=True),
    b"(RECURSIVEMATCH SUBSCRIBED)": Selection(subscribed=True, recursive=True),
    b"(SPECIAL-USE REMOTE)": Selection(special_use=True),
    b"(SUBSCRIBED SPECIAL-USE RECURSIVEMATCH)": Selection(subscribed=True, special_use=True, recursive=True),
}

RETURNS = {
    b"RETURN ()": Returned(),
    b"return (children special-use)": Returned(),
    b"RETURN (SUBSCRIBED CHILDREN SUBSCRIBED)": Returned(subscribed=True),
    b"RETURN (STATUS (messages UNSEEN MESSAGES))": Returned(status=(b"MESSAGES", b"UNSEEN")),
    b"RETURN (STATUS (SIZE) SUBSCRIBED)": Returned(subscribed=True, status=(b"SIZE",)),
    b"RETURN (metadata (/Private/a) CHILDREN)": Returned(metadata=Asked({EntryName("/private/a"): b"/Private/a"})),
}


class ListOptionsTests(SynchronousTestCase):
    def test_selection_options(self):
        for octets, expected in SELECTIONS.items():
            self.assertEqual(parse(selection_options, octets), expected, octets)

    def test_return_options(self):
        for octets, expected in RETURNS.items():
            self.assertEqual(parse(return_options, octets), expected, octets)

    def test_patterns(self):
        self.assertEqual(parse(patterns, b'(* "" {1+}\r\n%)'), ["*", "", "%"])
        self.assertEqual(len(parse(patterns, b"(" + b" ".join([b"x"] * MAX_PATTERNS) + b")")), MAX_PATTERNS)

    def test_broken(self):
        for octets in (b"", b"SUBSCRIBED", b"(CHILDREN)", b"(RECURSIVEMATCH)", b"(SUBSCRIBED", b"( SUBSCRIBED)"):
            refusal(selection_options, octets)
        for octets in (b"", b"RETURN", b"RETURN(", b"RETURN (REMOTE)", b"RETURN (STATUS)", b"RETURN (METADATA ())"):
            refusal(return_options, octets)
        for octets in (b"", b"x", b"()", b"(x  y)", b"(" + b" ".join([b"x"] * (MAX_PATTERNS + 1)) + b")"):
            refusal(patterns, octets)
        for octets in (b"", b"()", b"MESSAGES", b"(NONSENSE)", b'("MESSAGES")'):
            refusal(status_items, octets)
