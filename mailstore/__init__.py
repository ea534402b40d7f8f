"""Where mail lives: accounts, mailboxes, messages, behind one contract (`mailstore.interfaces`)."""
