"""The mail that is measured with: made up, the same octets on every machine, shaped as real mail is."""
