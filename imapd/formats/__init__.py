"""Mail that lies in files: .eml, mbox, Maildir.  Readers yield `Found` messages one by one, in bounded memory."""
