-- The blocks of one kind of rendering lie together: who reads one for many messages mostly reads no other.  `id` is
-- kind * 2^40 + block.

UPDATE rendering_block SET id = (id % 256 << 40) + id / 256;
