from twisted.trial.unittest import SynchronousTestCase

from mailstore.annotations import MAX_ENTRY_OCTETS, Branches, entry_name, is_shared
from mailstore.errors import InvalidName

LONGEST = "/shared/" + "x" * (MAX_ENTRY_OCTETS - 8)

NAMES = {
    "/private/comment": "/private/comment",
    "/Shared/Vendor/Kolab/folder-TYPE": "/shared/vendor/kolab/folder-type",
    "/private": "/private",
    "/shared/a b!~": "/shared/a b!~",
    LONGEST: LONGEST,
}

NONE = (
    "",
    "/",
    "comment",
    "private/comment",
    "/comment",
    "/privately/comment",
    "/private/",
    "/private//comment",
    "/private/comment/",
    "//private/comment",
    "/private/*",
    "/private/a%b",
    "/private/a\x19",
    "/private/a\x7f",
    "/private/a\n",
    "/private/caf\xe9",
    "/private/\u212a",  # a Kelvin sign, whose small letter is k
    LONGEST + "x",
)

HOLDING: tuple[tuple[list[str], int | None, str, list[str]], ...] = (
    (["/private/a"], 0, "/private/a", ["/private/a"]),
    (["/private/a"], 0, "/private/a/b", []),
    (["/private/a"], 1, "/private/a/b", ["/private/a"]),
    (["/private/a"], 1, "/private/a/b/c", []),
    (["/private/a"], 1, "/private/ab", []),
    (["/private/a"], 1, "/private", []),
    (["/private/a", "/private/a/b", "/shared"], 1, "/private/a/b", ["/private/a/b", "/private/a"]),
    (["/private"], None, "/private/a/b/c", ["/private"]),
    (["/private"], None, "/shared/a/b/c", []),
)


class AnnotationsTests(SynchronousTestCase):
    def test_names(self):
        for text, expected in NAMES.items():
            self.assertEqual(entry_name(text), expected)

    def test_no_names(self):
        for text in NONE:
            self.assertRaises(InvalidName, entry_name, text)

    def test_scopes(self):
        shared = [is_shared(entry_name(each)) for each in ("/shared", "/shared/x", "/private/shared/x")]
        self.assertEqual(shared, [True, True, False])

    def test_branches(self):
        for roots, levels, entry, expected in HOLDING:
            branches = Branches(frozenset(roots), levels)
            self.assertEqual(list(branches.holding(entry)), expected, (roots, levels, entry))
            self.assertEqual(entry in branches, bool(expected))
