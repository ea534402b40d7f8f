"""The grammar of IMAP4rev1 (RFC 3501, 9) and IMAP4rev2 (RFC 9051, 9) as values: octets in, octets out, no transport."""
