"""The contract, kept by the store on SQLite."""

from mailstore.sqlite import messages
from tests.mailstore import (
    contract_account,
    contract_adopting,
    contract_aliases,
    contract_annotations,
    contract_ids,
    contract_mailboxes,
    contract_maildrop,
    contract_messages,
    contract_quota,
    contract_random,
    contract_search,
    contract_sharing,
    contract_undelete,
    contract_users,
)
from tests.mailstore.sqlite import case


class UsersTests(case.SqliteCase, contract_users.UsersContract):
    pass


class AliasesTests(case.SqliteCase, contract_aliases.AliasesContract):
    pass


class MailboxesTests(case.SqliteCase, contract_mailboxes.MailboxesContract):
    pass


class AccountChangesTests(case.SqliteCase, contract_account.AccountChangesContract):
    pass


class AppendTests(case.SqliteCase, contract_messages.AppendContract):
    pass


class FetchTests(case.SqliteCase, contract_messages.FetchContract):
    pass


class StoreTests(case.SqliteCase, contract_messages.StoreContract):
    pass


class CopyTests(case.SqliteCase, contract_messages.CopyContract):
    pass


class ExpungeTests(case.SqliteCase, contract_messages.ExpungeContract):
    pass


class SnapshotTests(case.SqliteCase, contract_messages.SnapshotContract):
    pass


class RecentTests(case.SqliteCase, contract_messages.RecentContract):
    pass


class ChangesTests(case.SqliteCase, contract_messages.ChangesContract):
    pass


class SearchTests(case.SqliteCase, contract_search.SearchContract):
    pass


class EmailIdTests(case.SqliteCase, contract_ids.EmailIdContract):
    pass


class ThreadIdTests(case.SqliteCase, contract_ids.ThreadIdContract):
    pass


class SaveDateTests(case.SqliteCase, contract_ids.SaveDateContract):
    pass


class AnnotationsTests(case.SqliteCase, contract_annotations.AnnotationsContract):
    pass


class SpecialUseTests(case.SqliteCase, contract_annotations.SpecialUseContract):
    pass


class SharingTests(case.SqliteCase, contract_sharing.SharingContract):
    pass


class UsageTests(case.SqliteCase, contract_quota.UsageContract):
    pass


class QuotaTests(case.SqliteCase, contract_quota.QuotaContract):
    pass


class RandomTests(case.SqliteCase, contract_random.RandomContract):
    pass


class RandomInSmallBlocksTests(RandomTests):
    """What is done to many messages is done by several statements, which must come to the same."""

    seeds = range(2)

    async def test_random_steps(self):
        self.patch(messages, "WRITTEN", 2)
        self.patch(messages, "BLOCK", 2)
        self.patch(messages, "TOGETHER", 2)
        await super().test_random_steps()


class UndeleteTests(case.SqliteCase, contract_undelete.UndeleteContract):
    pass


class AdoptingTests(case.SqliteCase, contract_adopting.AdoptingContract):
    pass


class UidlTests(case.SqliteCase, contract_maildrop.UidlContract):
    pass


class MaildropLockTests(case.SqliteCase, contract_maildrop.MaildropLockContract):
    pass


class RemoveTests(case.SqliteCase, contract_maildrop.RemoveContract):
    pass
