-- Blocks of renderings are packed by LZ4.  What was in the blocks of before is made anew when it is asked for.

DELETE FROM rendering_block;
