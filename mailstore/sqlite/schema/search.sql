-- What searches look in, of one account: made from its messages, and thrown away whenever something is wrong with it.
--
-- Octets are packed; `codec` is that of `compression`, above 1 with the dictionary whose id is one less.

CREATE TABLE made (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version TEXT NOT NULL, -- of the program that made it
    upto INTEGER NOT NULL, -- every content up to this one was taken
    swept_at INTEGER NOT NULL -- when it was last looked for contents that are gone, in seconds since 1970
) STRICT;

CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    octets BLOB NOT NULL
) STRICT;

-- The contents that were taken, by their ids in the account; the beginning of the object_id tells that it is that account.
CREATE TABLE content (
    id INTEGER PRIMARY KEY,
    object_id BLOB NOT NULL,
    size INTEGER NOT NULL -- octets of the text, before they are packed
) STRICT;

-- The text in pieces; `id` is content * 65536 + number, `further` how many come behind.  A damaged message has none.
-- What is in a large segment is in `text`, the rest in `fresh`: rows that only come at the end fill their pages.
CREATE TABLE fresh (
    id INTEGER PRIMARY KEY,
    further INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;

CREATE TABLE text (
    id INTEGER PRIMARY KEY,
    further INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;

CREATE VIEW piece AS SELECT * FROM fresh UNION ALL SELECT * FROM text;

-- Contents that are indexed together, ascending, 8 octets each, a large text once for each of its parts: a later segment has
-- only greater ones.
CREATE TABLE segment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    level INTEGER NOT NULL, -- how many times it was made of several; from 1 on it is a large one
    after INTEGER NOT NULL, -- the last of the segment before: all between the two are here, or gone
    last INTEGER NOT NULL,
    contents BLOB NOT NULL,
    unsorted BLOB NOT NULL, -- the places of those that have no text, or one of too many trigrams, 8 octets each
    packed INTEGER NOT NULL, -- whether its texts are in `text`
    checksum INTEGER NOT NULL -- of the lists, `after` and `last`
) STRICT;

-- Postings; `id` is segment * 2^24 + the first trigram, 0 for the first page.
CREATE TABLE page (
    id INTEGER PRIMARY KEY,
    codec INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;

-- The header fields that have quick answers; `id` is segment * 16 + the number of the field.
CREATE TABLE field (
    id INTEGER PRIMARY KEY,
    codec INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;
