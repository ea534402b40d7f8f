-- Which mailboxes changed since a mod-sequence is asked after every change, by each session that watches them all.

CREATE INDEX mailbox_changed ON mailbox (highest_modseq) WHERE removed_at IS NULL;
