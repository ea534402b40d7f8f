-- Mailboxes that come from elsewhere with the UIDs that their messages had there.

-- Below this UID, messages that bring one keep it; all others get UIDs from here on.
ALTER TABLE mailbox ADD COLUMN adopted_below INTEGER NOT NULL DEFAULT 1;

-- UIDVALIDITY values are the account's own from the first it gave up to the last, or adopted; none is given twice.
ALTER TABLE account ADD COLUMN first_uid_validity INTEGER NOT NULL DEFAULT 0; -- 0 before there is any

UPDATE account SET first_uid_validity = ifnull((SELECT min(uid_validity) FROM mailbox), 0);

CREATE TABLE adopted_uid_validity (
    value INTEGER PRIMARY KEY
) STRICT;

-- Mailboxes elsewhere from which messages were brought into ours.
CREATE TABLE origin (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox_id INTEGER NOT NULL REFERENCES mailbox,
    source TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    UNIQUE (mailbox_id, source, uid_validity)
) STRICT;

-- Which messages of theirs were brought, by their UIDs there, as runs.
CREATE TABLE brought (
    origin_id INTEGER NOT NULL REFERENCES origin,
    last INTEGER NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (origin_id, last)
) STRICT, WITHOUT ROWID;
