"""Substrings found fast and exactly: the searched text as octets, its trigrams, and how these are kept; pure."""
