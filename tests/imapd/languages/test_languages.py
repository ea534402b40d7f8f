import re

from twisted.trial.unittest import SynchronousTestCase

from imapd.languages import DEFAULT, LANGUAGES, Language, chosen
from tests.imapd.languages.texts import texts

TRANSLATED = [language for language in LANGUAGES.values() if language.catalogue]


class CatalogueTest(SynchronousTestCase):
    def test_every_text_is_in_every_catalogue_and_no_other(self):
        said = texts()
        self.assertIn("a set has at most {} ranges", said)
        for language in TRANSLATED:
            self.assertEqual(sorted(said - language.catalogue.keys()), [], f"not translated: {language.tag}")
            self.assertEqual(sorted(language.catalogue.keys() - said), [], f"nobody says this: {language.tag}")

    def test_what_differs_each_time_is_in_the_translation(self):
        for language in TRANSLATED:
            for text, translation in language.catalogue.items():
                places = len(re.findall(r"\{\}", text))
                filled = translation.format(*(f"<{number}>" for number in range(places)))
                self.assertEqual(sorted(set(re.findall(r"<\d>", filled))), [f"<{n}>" for n in range(places)], text)

    def test_no_translation_could_be_taken_for_a_response_code(self):
        for language in TRANSLATED:
            for translation in language.catalogue.values():
                self.assertRegex(translation, r"\A[^\[\s][^\r\n]*\Z")


class SayTest(SynchronousTestCase):
    language = Language(
        "xx",
        catalogue={
            "ready": "klar",
            "expected {}": "ventede {}",
            "expected {} near {}": "ved {1}: ventede {0}",
            "a space": "et mellemrum",
            "as ~{{n}}": "som ~{{n}}",
        },
    )

    def test_texts(self):
        for text, expected in {
            "ready": "klar",
            "unheard of": "unheard of",
            "expected a space": "ventede et mellemrum",
            "expected a space near ready": "ved klar: ventede et mellemrum",
            "expected {} near {0}": "ved {0}: ventede {}",
            "expected x\ny": "ventede x\ny",
        }.items():
            self.assertEqual(self.language.say(text), expected)

    def test_the_default_says_what_the_code_says(self):
        self.assertEqual(DEFAULT.say("expected a space"), "expected a space")


class ChosenTest(SynchronousTestCase):
    def test_lookup(self):
        for ranges, tag in {
            ("da",): "da",
            ("DA",): "da",
            ("fr-CA", "en-CA"): "fr",
            ("de-CH", "en-CA"): "en",
            ("da-Latn-x-private",): "da",
            ("da-x",): "da",
            ("default",): "i-default",
            ("Default", "da"): "i-default",
            ("i-default",): "i-default",
        }.items():
            found = chosen(ranges)
            self.assertEqual(found and found.tag, tag, ranges)

    def test_nothing(self):
        for ranges in [(), ("mul",), ("",), ("-",), ("d",), ("dan",), ("*",), ("x-da",)]:
            self.assertIsNone(chosen(ranges), ranges)
