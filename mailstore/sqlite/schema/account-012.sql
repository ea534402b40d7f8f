-- A block has 64 contents instead of 32, and those of one kind lie together, since who reads one for many messages mostly
-- reads no other: `id` is kind * 2^40 + block.  What was in the blocks of before is made anew when it is asked for.

DELETE FROM rendering_block;
