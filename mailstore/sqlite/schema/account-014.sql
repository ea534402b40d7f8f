-- No set of flags is called 1.  SQLite spells 0 and 1 in no octet and every other number in at least one, so a row that
-- came from set 1 to another grew, and was moved in its page instead of being written over.

INSERT INTO sqlite_sequence (name, seq)
SELECT 'flagset', 1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'flagset');

UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'flagset' AND EXISTS (SELECT 1 FROM flagset WHERE id = 1);

UPDATE message SET flagset_id = (SELECT seq FROM sqlite_sequence WHERE name = 'flagset')
WHERE flagset_id = 1 AND EXISTS (SELECT 1 FROM flagset WHERE id = 1);

UPDATE flagset SET id = (SELECT seq FROM sqlite_sequence WHERE name = 'flagset') WHERE id = 1;
