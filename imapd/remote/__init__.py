"""Other servers, as mail moves in from them: what is asked of them, and what they answer.  Blocking, and no Twisted."""
