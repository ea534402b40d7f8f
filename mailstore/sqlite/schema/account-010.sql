-- Names that POP3 clients know messages by from another server (RFC 1939, 7), so that they do not take them a second time.
-- All other messages are called by UID and UIDVALIDITY.

CREATE TABLE uidl (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox,
    uid INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (mailbox_id, uid),
    UNIQUE (mailbox_id, name)
) STRICT, WITHOUT ROWID;
