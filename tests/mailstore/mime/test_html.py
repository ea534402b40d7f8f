from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime.html import shown

UNITS = [*"<>/!?&;#'\"= ab", "<!--", "-->", "<p>", "<style>", "</STYLE>", "<a href='", "&amp;", "&#99", "\n"]


class ShownTests(SynchronousTestCase):
    def check(self, *cases: tuple[str, str]) -> None:
        for html, expected in cases:
            self.assertEqual(" ".join(shown(html, 1000).split()), expected, html)

    def test_tags(self):
        self.check(
            ("<p>Hello <b>w</b>orld<br>again</p>", "Hello world again"),
            ("<td>one</td><td>two</td>", "one two"),
            ("<P CLASS=x>Hello</P >!", "Hello !"),
            ('<a href="x>y" title=\'"\'>link</a>', "link"),
            ("<img alt='it's'>text", "text"),
            ("one<br/>two<o:p></o:p>three", "one two three"),
        )

    def test_what_is_not_shown(self):
        self.check(
            ("<!DOCTYPE html><?xml x?><title>no</title>yes", "yes"),
            ("<style>p { color: red }</style>yes<SCRIPT>a < b</Script\n>", "yes"),
            ("a<!-- <p>no</p> -->b<!---->c", "a b c"),
            ("<!--[if mso]>no<![endif]-->yes<![if !mso]>too<![endif]>", "yes too"),
        )

    def test_entities(self):
        self.check(
            ("a &lt;b&gt; &amp;lt; &eacute;&#233;&#xe9; &copy", "a <b> &lt; ééé ©"),
            ("a&nbsp;b", "a b"),
            ("&none; & &", "&none; & &"),
            ("&#" + "9" * 5000 + ";", "\ufffd"),
        )

    def test_what_is_broken(self):
        self.check(
            ("1 < 2 <3 <> <", "1 < 2 <3 <> <"),
            ("text<a href=", "text"),
            ("text<a href='x>more", "textmore"),
            ("text<!-- more", "text"),
            ("text<style>more", "text"),
            ("</>text</p", "text"),
        )

    def test_no_more_than_is_wanted(self):
        self.assertEqual(shown("<p>one<p>two<p>three", 4).split(), ["one", "two"])
        self.assertEqual(shown("<p>  &zwnj;&nbsp;<p>two<p>three", 3).split()[-1], "two")

    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(st.lists(st.sampled_from(UNITS)).map("".join) | st.text())
    def test_any_text(self, html):
        self.assertEqual(shown(html, 0), "")
        self.assertLessEqual(len(shown(html, 1 << 20)), 2 * len(html))
