-- Other addresses of users: an object of the name as it is compared and the name.  They stand in the user's line, so that
-- they go wherever it goes; by the table they are found.

ALTER TABLE user ADD COLUMN aliases TEXT NOT NULL DEFAULT '{}';

CREATE TABLE alias (
    folded TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    user_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX alias_user ON alias (user_id);

CREATE TRIGGER alias_insert AFTER INSERT ON user BEGIN
    INSERT OR IGNORE INTO alias (folded, name, user_id) SELECT key, value, new.id FROM json_each(new.aliases);
END;

CREATE TRIGGER alias_update AFTER UPDATE OF aliases ON user BEGIN
    DELETE FROM alias WHERE user_id = old.id;
    INSERT OR IGNORE INTO alias (folded, name, user_id) SELECT key, value, new.id FROM json_each(new.aliases);
END;

CREATE TRIGGER alias_delete AFTER DELETE ON user BEGIN
    DELETE FROM alias WHERE user_id = old.id;
END;
