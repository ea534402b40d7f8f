-- The octets of a block lie in a file beside the account, `<account>.blocks`, in one piece from `place` on: in the database
-- they would be pages that lie anywhere, which the system fetches one by one.  `mark` is chosen anew each time and stands
-- in the piece too, so that no other can be taken for it.  What was in the blocks of before is made anew when it is asked
-- for.

DROP TABLE rendering_block;

CREATE TABLE rendering_block (
    id INTEGER PRIMARY KEY, -- kind * 2^40 + block
    version INTEGER NOT NULL,
    place INTEGER NOT NULL,
    length INTEGER NOT NULL,
    mark INTEGER NOT NULL
) STRICT;

CREATE INDEX rendering_block_place ON rendering_block (place);
