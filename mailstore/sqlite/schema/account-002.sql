-- Conversations: which one a content belongs to, decided when it comes in and never changed (RFC 8474, 5.2).  A thread is
-- called by the object_id of its first content.  Contents from before are each a thread of their own.

ALTER TABLE content ADD COLUMN thread_id BLOB NOT NULL DEFAULT x'';

UPDATE content SET thread_id = object_id;

-- The message ids that were seen, in Message-ID, In-Reply-To and References; `id` is the first 8 octets of BLAKE2b.
CREATE TABLE thread_reference (
    id INTEGER PRIMARY KEY,
    thread_id BLOB NOT NULL
) STRICT;
