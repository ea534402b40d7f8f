"""Accounts of a thousand to a million messages: what grows with them, and what does not."""
