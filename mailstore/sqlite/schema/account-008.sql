-- Mailboxes that were removed long ago are looked for whenever the account is opened.

CREATE INDEX mailbox_removed ON mailbox (removed_at) WHERE removed_at IS NOT NULL;
