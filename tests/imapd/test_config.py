import os
import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from imapd.config import FILE_NAME, Config, ConfigError, read_config
from mailstore.model import NO_QUOTA, UNLIMITED, Quota


class ConfigTests(SynchronousTestCase):
    def setUp(self):
        self.data = Path(self.mktemp())

    def write(self, text):
        self.data.mkdir(exist_ok=True)
        (self.data / FILE_NAME).write_text(text)

    def fails(self, text):
        self.write(text)
        error = self.assertRaises(ConfigError, read_config, self.data)
        self.assertIn(FILE_NAME, str(error))
        return str(error)

    def test_the_first_use_writes_the_defaults_as_comments(self):
        config = read_config(self.data)
        self.assertEqual(config, Config(self.data.absolute()))
        self.assertEqual(self.data.stat().st_mode & 0o077, 0)
        self.write(re.sub(r"(?m)^#(?! )", "", (self.data / FILE_NAME).read_text()))
        self.assertEqual(read_config(self.data), config)

    def test_every_setting_is_in_the_default_file(self):
        read_config(self.data)
        text = (self.data / FILE_NAME).read_text()
        for name in Config.__annotations__.keys() - {"data"}:
            self.assertIn(f"\n#{name} = ", text)

    def test_the_file_is_never_written_again(self):
        self.write("idle_seconds = 3600\n")
        self.assertEqual(read_config(self.data).idle_seconds, 3600)
        self.assertEqual((self.data / FILE_NAME).read_text(), "idle_seconds = 3600\n")

    def test_settings_are_read(self):
        self.write('imap = []\nimaps = ["tcp:993", "tcp6:993"]\nslow_command_seconds = 2\nidle_seconds = 3600\n')
        config = read_config(self.data)
        self.assertEqual((config.imap, config.imaps), ((), ("tcp:993", "tcp6:993")))
        self.assertEqual((config.slow_command_seconds, config.idle_seconds), (2, 3600))

    def test_quota(self):
        self.assertEqual(read_config(self.data).policy.quota, NO_QUOTA)
        for text, quota in (
            ('quota_storage = "2G"', Quota(2 << 30, UNLIMITED)),
            ("quota_storage = 100_000\nquota_messages = 5", Quota(100_000, 5)),
            ('quota_storage = "500m"\nquota_messages = "unlimited"', Quota(500 << 20, UNLIMITED)),
        ):
            self.write(text)
            self.assertEqual(read_config(self.data).policy.quota, quota)

    def test_a_limit_of_what_is_saved(self):
        self.assertEqual(read_config(self.data).most_saved, UNLIMITED)
        for text, most in (("1000", 1000), ('"unlimited"', UNLIMITED)):
            self.write(f"save_limit = {text}\n")
            self.assertEqual(read_config(self.data).most_saved, most)

    def test_relative_paths_are_counted_from_the_data_folder(self):
        data = self.data.absolute()
        self.write('certificate = "a.pem"\nkey = "/etc/k.pem"\nstore = "sqlite://mail"\n')
        config = read_config(os.path.relpath(self.data))
        self.assertEqual((config.certificate_path, config.key_path), (data / "a.pem", Path("/etc/k.pem")))
        self.assertEqual(config.store_url, f"sqlite://{data}/mail")
        self.write('store = "sqlite:///srv/mail"\n')
        self.assertEqual(read_config(self.data).store_url, "sqlite:///srv/mail")
        self.write('store = "other://host/db"\n')
        self.assertEqual(read_config(self.data).store_url, "other://host/db")

    def test_an_unknown_setting_is_named_with_a_near_one(self):
        self.assertIn("unknown setting idle_second; did you mean idle_seconds?", self.fails("idle_second = 3600\n"))
        self.assertIn("there are store, imap,", self.fails("zzz = 1\n"))

    def test_a_wrong_value_is_named_with_what_it_must_be(self):
        for text, wanted in (
            ("idle_seconds = 1799", "a whole number of seconds, 1800 at least"),
            ("idle_seconds = 3600.5", "a whole number"),
            ("idle_seconds = true", "a whole number"),
            ("max_message_octets = -1", "a whole number of octets"),
            ('slow_command_seconds = "1"', "a number of seconds"),
            ("slow_command_seconds = nan", "a number of seconds"),
            ('imap = "tcp:143"', "a list of endpoint strings"),
            ("imaps = [993]", "a list of endpoint strings"),
            ("plaintext_on_loopback = 1", "true or false"),
            ('certificate = ""', "the path of a PEM file"),
            ('quota_storage = "2 GB"', "a size, such as 500M or 2G, or unlimited"),
            ("quota_storage = 0", "a size"),
            ("quota_storage = true", "a size"),
            ("quota_messages = -1", "a number, 1 at least, or unlimited"),
            ('quota_messages = "2G"', "a number"),
            ("workers = 0", 'a number from 1 to 256, or "auto"'),
            ('workers = "many"', 'a number from 1 to 256, or "auto"'),
            ("save_limit = 999", "a number, 1000 at least, or unlimited"),
            ("[store]", "a store URL"),
        ):
            self.assertIn(f"must be {wanted}", self.fails(text + "\n"))

    def test_a_file_that_is_no_toml(self):
        self.assertIn("line 2", self.fails("idle_seconds = 3600\nimap = tcp:143\n"))
        self.data.joinpath(FILE_NAME).write_bytes(b"store = \xff\n")
        self.assertIn("UTF-8", str(self.assertRaises(ConfigError, read_config, self.data)))

    def test_a_folder_that_cannot_be_made(self):
        Path(self.data).write_text("a file\n")
        self.assertIn(str(self.data), str(self.assertRaises(ConfigError, read_config, self.data)))

    def test_what_the_server_says_of_itself(self):
        self.write('[metadata]\n"/Shared/Comment" = "Grüße"\n"/shared/admin" = "mailto:postmaster@example.org"\n')
        expected = {"/shared/comment": "Grüße", "/shared/admin": "mailto:postmaster@example.org"}
        self.assertEqual(read_config(self.data).metadata, expected)
        for wrong in (
            '"/private/comment" = "x"',
            '"/shared" = "x"',
            '"/shared/vendor/x" = "x"',
            '"comment" = "x"',
            '"/shared/comment" = 1',
            '"/shared/admin" = "postmaster"',
            f'"/shared/comment" = "{"x" * 65537}"',
        ):
            self.assertIn("must be a table of names", self.fails(f"metadata = {{ {wrong} }}\n"))
