-- The log is bounded.  A floor is the mod-sequence up to which some of it may be forgotten: what comes after is whole.

ALTER TABLE mailbox ADD COLUMN changes_floor INTEGER NOT NULL DEFAULT 0; -- of kinds 1 and 2 in `change`
ALTER TABLE mailbox ADD COLUMN expunges_floor INTEGER NOT NULL DEFAULT 0; -- of kind 3
ALTER TABLE account ADD COLUMN mailboxes_floor INTEGER NOT NULL DEFAULT 0; -- of `mailbox_change`

-- The kind comes before the mod-sequence, so that the oldest entries of each are found at once.
ALTER TABLE change RENAME TO change_before;

CREATE TABLE change (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox,
    kind INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (mailbox_id, kind, modseq, first)
) STRICT, WITHOUT ROWID;

INSERT INTO change SELECT mailbox_id, kind, modseq, first, last FROM change_before ORDER BY 1, 2, 3, 4;

DROP TABLE change_before;
