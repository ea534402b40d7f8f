-- One account: its mailboxes, its messages and their octets, in one file.
--
-- Chosen before the first table, because they cannot be changed without writing the file anew: pages of 4096 octets
-- (4 % smaller than 8192 on real mail, and less to write for a change of flags), auto_vacuum INCREMENTAL, WAL.
--
-- `id` is a number of this file only and is never used twice; `object_id` is random and unique across accounts
-- (RFC 8474).  `modseq` is always the account's counter at the transaction that made the row what it is.
-- Times are seconds since 1970 UTC.  The foreign keys are not enforced row by row, they are tested by `check`.

CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    modseq INTEGER NOT NULL,
    uid_validity INTEGER NOT NULL -- the last one given to a mailbox
) STRICT;

CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    object_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    special_use TEXT,
    uid_validity INTEGER NOT NULL,
    uid_next INTEGER NOT NULL DEFAULT 1,
    highest_modseq INTEGER NOT NULL,
    -- what a STATUS or a SELECT asks for, kept with every change
    messages INTEGER NOT NULL DEFAULT 0,
    unseen INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0,
    first_unseen INTEGER,
    first_recent INTEGER NOT NULL DEFAULT 1,
    -- a removed mailbox stays for the sessions that have it selected
    removed_at INTEGER
) STRICT;

CREATE UNIQUE INDEX mailbox_name ON mailbox (name) WHERE removed_at IS NULL;

CREATE TABLE subscription (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Keywords in the spelling of their first use.
CREATE TABLE keyword (
    folded TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Each combination of flags that was ever used, once: sorted names, separated by spaces.  `\Seen` is the owner's; that
-- of other viewers of a shared mailbox will be kept by viewer and message, in a table of its own.
CREATE TABLE flagset (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    flags TEXT NOT NULL UNIQUE,
    seen INTEGER NOT NULL,
    deleted INTEGER NOT NULL
) STRICT;

-- The octets of a message, shared by every message of the account that has the same.
CREATE TABLE content (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    object_id BLOB NOT NULL,
    digest BLOB NOT NULL UNIQUE, -- BLAKE2b, 32 octets
    size INTEGER NOT NULL,
    sent_day INTEGER -- days since 1970 of the Date: field in its own zone
) STRICT;

-- The part tree, packed; apart from `content`, so that a search by date or size reads few pages.
CREATE TABLE structure (
    content_id INTEGER PRIMARY KEY REFERENCES content,
    octets BLOB NOT NULL
) STRICT;

-- `id` is content_id * 65536 + number: chunks of a message lie together, and need no index of their own.
-- `codec` is 0 for octets as they are, 1 for one zstd frame; greater numbers are free for frames with a dictionary.
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY,
    codec INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;

CREATE TABLE rendering_kind (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- `id` is kind * 2^40 + content_id: one kind for consecutive messages is read from consecutive pages.
CREATE TABLE rendering (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;

-- An expunged message keeps its row for some days.  No index on modseq: `change` answers what changed since.
CREATE TABLE message (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox,
    uid INTEGER NOT NULL,
    content_id INTEGER NOT NULL REFERENCES content,
    flagset_id INTEGER NOT NULL REFERENCES flagset,
    size INTEGER NOT NULL, -- that of the content: asked with every header, and no join
    received_at INTEGER NOT NULL, -- the internal date, and its zone in minutes east of UTC
    zone INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    expunged_modseq INTEGER,
    expunged_at INTEGER,
    PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_content ON message (content_id);
CREATE INDEX message_expunged ON message (expunged_at) WHERE expunged_at IS NOT NULL;

-- The UIDs that are there, as runs that do not touch.
CREATE TABLE uid_run (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox,
    last INTEGER NOT NULL,
    first INTEGER NOT NULL,
    PRIMARY KEY (mailbox_id, last)
) STRICT, WITHOUT ROWID;

-- What happened to messages, as runs of UIDs; kind: 1 appended, 2 flags, 3 expunged.
CREATE TABLE change (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox,
    modseq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (mailbox_id, modseq, kind, first)
) STRICT, WITHOUT ROWID;

-- What happened to mailboxes and subscriptions; kind: 1 created, 2 deleted, 3 renamed, 4 subscription.
CREATE TABLE mailbox_change (
    modseq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    old_name TEXT,
    PRIMARY KEY (modseq, kind, name)
) STRICT, WITHOUT ROWID;

INSERT INTO account (id, modseq, uid_validity) VALUES (1, 0, 0);
