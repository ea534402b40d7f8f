from twisted.trial.unittest import SynchronousTestCase

from imapd.auth.passwdfile import entries
from mailstore.model import UNLIMITED, OwnQuota


class PasswdFileTests(SynchronousTestCase):
    def test_users(self):
        text = (
            "# name:password\n"
            "\n"
            "ada@example.org:{BLF-CRYPT}$2y$05$abc:1000:1000::/home/ada:/bin/false:userdb_mail=maildir:~/Maildir\r\n"
            ":nobody\n"
            "bob:{PLAIN}x\n"
            "eve\n"
        )
        found = [(each.line, each.name, each.password) for each in entries(text.splitlines(keepends=True))]
        self.assertEqual(
            found, [(3, "ada@example.org", "{BLF-CRYPT}$2y$05$abc"), (5, "bob", "{PLAIN}x"), (6, "eve", "")]
        )

    def test_quotas(self):
        for extra, quota in (
            ("", OwnQuota()),
            ("userdb_quota_rule=*:storage=1G", OwnQuota(1 << 30)),
            ("quota_rule=*:storage=500M:messages=1000", OwnQuota(500 << 20, 1000)),
            ("userdb_quota_rule=*:storage=1024", OwnQuota(1 << 20)),
            ("userdb_quota_rule=*:bytes=1000", OwnQuota(1000)),
            ("userdb_quota_rule=*:storage=0", OwnQuota(UNLIMITED)),
            ("userdb_quota_rule=*:storage=999999999999999T", OwnQuota(UNLIMITED)),
            ("userdb_quota_rule=Trash:storage=+10M", OwnQuota()),
            ("userdb_quota_rule=*:storage=50%", OwnQuota()),
            ("userdb_quota_storage_size=2G userdb_quota_message_count=7", OwnQuota(2 << 30, 7)),
        ):
            (entry,) = entries([f"ada:x:::::: {extra}"])
            self.assertEqual(entry.quota, quota, extra)

    def test_restrictions(self):
        (entry,) = entries(["ada:x::::::nologin allow_nets=192.0.2.0/24 userdb_mail=x"])
        self.assertEqual(entry.restrictions, ("allow_nets", "nologin"))
