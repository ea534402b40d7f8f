-- Who may log in, and which account is whose.

CREATE TABLE user (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    folded TEXT NOT NULL UNIQUE, -- the name as it is compared
    name TEXT NOT NULL,
    account_id TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL
) STRICT;
