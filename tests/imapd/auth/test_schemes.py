from twisted.trial.unittest import SynchronousTestCase

from imapd.auth.passwords import Password, UnreadableHashError, hash_password, is_outdated, verify
from imapd.auth.schemes import UnusableHashError, clear_password, taken_over

PASSWORD = "Grüße 7".encode()
MADE_BY_DOVECOT = {
    "BLF-CRYPT": "$2y$05$LVb0gYC5OB.HnbSlkUDVJ.3RNs2AxkiczIQirVXFXimz9MF2VUsdK",
    "SHA512-CRYPT": (
        "$6$5QmCbi9.OZfpmbJK$SLF24APWErSQwMVtv1/axPXBX1Qh1F4foqPgyAy0PRWQNCr6CTkQ88CKoW/2eI.sQqBB/CXHRQ6oFnqlf/EmM1"
    ),
    "SHA256-CRYPT": "$5$Nicy5ArTvo18Qn/Q$nfS/gTRQLy28eudKLyTZDqt1ElTfyKeUYbLGTY9mu31",
    "MD5-CRYPT": "$1$QVNTKYZ7$9L314XDOZ5vn.r6suMnx4/",
    "ARGON2ID": "$argon2id$v=19$m=65536,t=3,p=1$dxCt6B4NkiSF+dQDOHHyBQ$8cU2a4bHwQncHEECjqP8ZN72D8n8VJ5tYfDTq8X+Qnc",
    "ARGON2I": "$argon2i$v=19$m=32768,t=4,p=1$6Z00ujOEitRzNB3fRX0dcQ$XZZLDo0VONUe34vWS380Qr7WR/jKTJwHZi9hiy6tHkY",
    "SSHA512": "I0V8+1lGgKEFRS+D6QaAE3Vtp1bCdKimAZkEDgM/8apf6YGWNY1WJnbotjnif61AhVOrCZUcW4bYtaAg8TPtxkOz9dw=",
    "SSHA256": "iqFIqeJBswTcP4F95lNusHUL6WXfGVZaeFFbZlbdN0ujXJ06",
    "SSHA": "Li97nPaAd6wegS6XSByw7enIuftD+Tpz",
}


class SchemeTests(SynchronousTestCase):
    def matches(self, password, hashed):
        return verify(Password(password), hashed)

    def test_hashes_that_dovecot_made(self):
        for scheme, hashed in MADE_BY_DOVECOT.items():
            kept = taken_over(f"{{{scheme}}}{hashed}")
            self.assertTrue(self.matches(PASSWORD, kept), scheme)
            self.assertTrue(is_outdated(kept))
            for other in (b"", b"secret", PASSWORD + b" ", PASSWORD + b"\0", PASSWORD[:-1], b"\xff", b"x" * 10_000):
                self.assertFalse(self.matches(other, kept), scheme)

    def test_a_letter_in_either_spelling_matches(self):
        kept = taken_over(f"{{SSHA}}{MADE_BY_DOVECOT['SSHA']}")
        self.assertTrue(self.matches("Gru\u0308ße 7".encode(), kept))

    def test_crypt_is_known_by_its_prefix_and_schemes_by_either_case(self):
        for scheme in ("BLF-CRYPT", "SHA512-CRYPT", "SHA256-CRYPT", "MD5-CRYPT"):
            hashed = MADE_BY_DOVECOT[scheme]
            for text in (hashed, f"{{CRYPT}}{hashed}", f"{{{scheme.lower()}}}{hashed}"):
                self.assertEqual(taken_over(text), f"{{{scheme}}}{hashed}")

    def test_base64_may_be_said(self):
        self.assertEqual(taken_over("{SSHA.b64}" + MADE_BY_DOVECOT["SSHA"]), "{SSHA}" + MADE_BY_DOVECOT["SSHA"])

    def test_bcrypt_looks_at_72_octets(self):
        kept = taken_over("{BLF-CRYPT}$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i")
        self.assertTrue(self.matches(b"x" * 72, kept))
        self.assertTrue(self.matches(b"x" * 80, kept))
        self.assertFalse(self.matches(b"x" * 71, kept))

    def test_octets_that_are_not_utf8(self):
        kept = taken_over("$5$rounds=1000$salt$x5WRKqRYMjGWQ7Rd0PjIDls3K9sB5aVofFFU7KyFQl0")
        self.assertTrue(self.matches(b"gr\xfc\xdfe", kept))
        self.assertFalse(self.matches("grüße".encode(), kept))

    def test_what_cannot_be_taken_over(self):
        for text, reason in (
            ("{CRAM-MD5}0839ebcbfae4120bc8464271ae5868fd5fd4f20d1bd55a013a94dd369bcf5939", "the scheme CRAM-MD5 is"),
            ("{SSHA.hex}00", "the encoding .hex is not known"),
            ("{BLF-CRYPT}$2y$05$abc", "it is no hash of BLF-CRYPT"),
            ("{BLF-CRYPT}$2y$31" + MADE_BY_DOVECOT["BLF-CRYPT"][6:], "its cost is more than 14"),
            ("{SHA512-CRYPT}$6$salt$short", "it is no hash of SHA512-CRYPT"),
            ("{SHA512-CRYPT}$6$salt", "it is no hash of SHA512-CRYPT"),
            ("$6$rounds=999999999$salt$" + "a" * 86, "more than 1,000,000 rounds"),
            ("{ARGON2ID}$argon2id$v=19$m=65536", "it is no hash of ARGON2ID"),
            ("{ARGON2ID}$argon2id$v=19$m=4194304,t=3,p=1$dxCt6B4NkiSF$8cU2a4bHwQnc", "more than 256 MiB"),
            ("{SSHA}!", "it is no hash of SSHA"),
            ("{SSHA512}" + MADE_BY_DOVECOT["SSHA"], "it is no hash of SSHA512"),
            ("", "there is no password"),
            ("!", "there is no password"),
            ("*", "there is no password"),
            ("!$6$salt", "there is no password"),
            ("$y$j9T$abc$def", "a hash of crypt"),
            ("abcdefghijklm", "a hash of crypt"),
        ):
            error = self.assertRaises(UnusableHashError, taken_over, text)
            self.assertIn(reason, str(error))

    def test_a_password_as_it_is(self):
        self.assertEqual(clear_password("{PLAIN}a}b"), b"a}b")
        self.assertEqual(clear_password("{cleartext}x"), b"x")
        self.assertIsNone(clear_password("{SSHA}x"))
        self.assertIsNone(clear_password("x"))

    def test_a_damaged_hash_of_the_register_cannot_be_read(self):
        with self.assertRaises(UnreadableHashError):
            self.matches(b"x", "{ARGON2ID}$argon2id$v=19$m=8,t=1,p=1$!$!")

    def test_our_own_hashes_are_not_foreign(self):
        self.assertFalse(is_outdated(hash_password(Password(b"x"))))
