"""The IMAP door: a session speaks RFC 3501 with one client, over a `mailstore`."""
