-- Dictionaries for zstd, made of the account's own mail: pairs, one for chunks and one for renderings.  The codec of what
-- a pair packed is its id + 1.  `contents` is how many there were when it was trained, `packed` the last content whose
-- octets were packed again with it.

CREATE TABLE dictionary (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chunks BLOB NOT NULL,
    renderings BLOB NOT NULL,
    contents INTEGER NOT NULL,
    packed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Renderings packed too, as their codec says; without a dictionary they stay as they are.  `id` is content_id * 256 + kind:
-- what comes in with a message is written to one page, and what is packed again fills its pages.
CREATE TABLE packed_rendering (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;

INSERT INTO packed_rendering
SELECT ((id & ((1 << 40) - 1)) << 8) | (id >> 40), version, 0, octets FROM rendering ORDER BY 1;

DROP TABLE rendering;
ALTER TABLE packed_rendering RENAME TO rendering;
