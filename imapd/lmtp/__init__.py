"""The LMTP door: mail comes in from the mail transfer agent in front (RFC 2033)."""
