"""What FETCH tells of messages: columns, sections and decoded parts become octets."""
