-- Annotations of mailboxes and of the account itself (RFC 5464).  Those in /private are the owner's; those of other
-- viewers of a shared mailbox will be kept by viewer, in a table of their own.  /private/specialuse is not among them:
-- it is the mailbox's `special_use`.
CREATE TABLE annotation (
    id INTEGER PRIMARY KEY,
    mailbox_id INTEGER NOT NULL, -- 0 for the account itself
    entry TEXT NOT NULL, -- as it is compared: in small letters
    value BLOB NOT NULL,
    UNIQUE (mailbox_id, entry)
) STRICT;

-- octets of all names and values, kept with every change
ALTER TABLE account ADD COLUMN annotation_octets INTEGER NOT NULL DEFAULT 0;

-- `mailbox_change` has another kind: 5 annotations, of `name` or if that is empty of the account itself; `entries` are
-- their names, one a line.
ALTER TABLE mailbox_change ADD COLUMN entries TEXT;
