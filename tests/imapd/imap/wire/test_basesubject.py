"""Base subjects, by the rules of RFC 5256, 2.1 and 5."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.basesubject import MAX_CHARACTERS, base_subject

KNOWN = {
    "": ("", False),
    "  ": ("", False),
    "plain": ("plain", False),
    " two \t words\r\n here ": ("two words here", False),
    "Re: plain": ("plain", True),
    "RE: FW: Fwd: plain": ("plain", True),
    "re[2]: plain": ("plain", True),
    "Re [list] : plain": ("plain", True),
    "Re:plain": ("plain", True),
    "red: plain": ("red: plain", False),
    "fwdd: plain": ("fwdd: plain", False),
    "re plain": ("re plain", False),
    "[list] plain": ("plain", False),
    "[list] [other] plain [end]": ("plain [end]", False),
    "[list] Re: [other] plain": ("plain", True),
    "[list]": ("[list]", False),
    "[a][b] [c]": ("[c]", False),
    "Re: [list]": ("[list]", True),
    "[list] re:": ("", True),
    "[open plain": ("[open plain", False),
    "plain (fwd)": ("plain", True),
    "plain (FWD) (fwd)(Fwd) ": ("plain", True),
    "plain (fwd": ("plain (fwd", False),
    "[fwd: plain]": ("plain", True),
    "[Fwd: [fwd: Re: plain]]": ("plain", True),
    "[fwd: [list] plain (fwd)] (fwd)": ("plain", True),
    "[fwd: plain] more": ("more", False),
    "[fwd:]": ("", True),
    "Re: [fwd: [list] re: plain]": ("plain", True),
}


def naive(subject):
    """Return the base subject by the RFC's numbered steps, one match at a time."""
    blob = r"\[[^\[\]]*\] *"
    text, answers = re.sub(r"[ \t\r\n]+", " ", subject), False
    while True:
        while found := re.search(r"(\(fwd\)| )\Z", text, re.I):
            text, answers = text[: found.start()], answers or found[0] != " "
        while True:
            if found := re.match(f"(?:{blob})*(?:re|fwd?) *(?:{blob})?:", text, re.I):
                text, answers = text[found.end() :], True
            elif text.startswith(" "):
                text = text[1:]
            elif (found := re.match(blob, text)) and text[found.end() :]:
                text = text[found.end() :]
            else:
                break
        if not (text[:5].lower() == "[fwd:" and text.endswith("]")):
            return text, answers
        text, answers = text[5:-1], True


class BaseSubjectTest(SynchronousTestCase):
    def test_known(self):
        for subject, expected in KNOWN.items():
            self.assertEqual(base_subject(subject), expected, subject)
            self.assertEqual(naive(subject), expected, subject)

    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(st.lists(st.sampled_from(["re", "Fw", "fwd", ":", "[", "]", "[fwd:", "(fwd)", " ", "\t", "x"])).map("".join))
    def test_like_the_steps_one_by_one(self, subject):
        self.assertEqual(base_subject(subject), naive(subject))

    def test_the_end_of_a_long_one_is_not_looked_at(self):
        self.assertEqual(base_subject("x" * MAX_CHARACTERS + "(fwd)"), ("x" * MAX_CHARACTERS, False))
