"""One way in for delivered mail, whichever door it comes through: whose it is, and what is written above it."""
