-- What counts against the quota: the octets and messages of all mailboxes together, and of each the octets of messages
-- with `\Deleted`, of which an expunge would make room.

ALTER TABLE mailbox ADD COLUMN deleted_octets INTEGER NOT NULL DEFAULT 0;

UPDATE mailbox SET deleted_octets = (
    SELECT sum(size) FROM message
    WHERE mailbox_id = mailbox.id AND expunged_at IS NULL AND flagset_id IN (SELECT id FROM flagset WHERE deleted)
) WHERE deleted > 0;

ALTER TABLE account ADD COLUMN octets INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN messages INTEGER NOT NULL DEFAULT 0;

UPDATE account SET (octets, messages) = (SELECT ifnull(sum(octets), 0), ifnull(sum(messages), 0) FROM mailbox);
