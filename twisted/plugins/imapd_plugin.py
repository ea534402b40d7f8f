"""Tells twistd of ``twistd imapd``."""

from twisted.application.service import ServiceMaker

imapd = ServiceMaker("imapd", "imapd.service", "A mail access server: IMAP over a store of SQLite files.", "imapd")
