"""Mailboxes as a client sees them: names, special uses, metadata."""
