-- What renderings made of contents that follow one another, packed together when it has settled; `id` is block * 256 +
-- kind, and a block has 32 contents.  What is in a block is not in `rendering`.

CREATE TABLE rendering_block (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    octets BLOB NOT NULL
) STRICT;
