"""The POP3 door: INBOX for clients that take mail away, or leave it (RFC 1939)."""
