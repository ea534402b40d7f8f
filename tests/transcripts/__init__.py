"""Conversations, as files: what N clients say and what the server answers, on a real door and a real store.

A transcript's lines:

``# ...``                  a comment; the first one says what the transcript is about and names the RFC's section
``setting NAME value``     the server runs with this setting of ``imapd.toml``, from the beginning
``server /shared/x text``  the server says this of itself (RFC 5464), as its administrator has set it
``given INBOX plain ...``  ada's mailbox (made if it is not there) has these messages, files of ``messages/``;
                          ``plain*7`` stands for seven of them
``quota 2K 5``             ada may have so much mail, and so many messages, from here on
``1 ada``                  client 1 connects and logs in as ada, unseen
``1 ada INBOX``            the same, and selects a mailbox
``1 by lmtp``              client 1 connects to the door of LMTP, or to that of POP3; its greeting is skipped
``1 ada by pop3``          client 1 connects to the door of POP3 and logs in as ada, unseen
``1C: text``               client 1 sends `text` and CRLF; ``1C+ text``: without CRLF
``1C!``                    client 1 is gone
``1S: text``               the server's next response to client 1, literals included
``1S~``                    nothing more has come to client 1
``1S!``                    the server ends the connection of client 1
``clock 120``              seconds go by

In texts, ``<CR> <LF> <CRLF> <NUL> <xE4>`` stand for octets, ``{{text}}`` is a literal of `text` (non-synchronizing
from a client, RFC 7888), ``{{@plain}}`` one of a message, and ``<@plain>`` the octets of one; what the server says may
have ``<*>`` for anything, or ``<*name>``, which is noted; ``<=name>`` is what was noted, on either side.
Every response of IMAP is held to the formal grammar besides (`tests.strict_responses`); of the other doors each line is
one.
A client that was not introduced connects when it is first mentioned; its greeting is skipped unless the transcript
mentions it.  Files are UTF-8; a message's lines end in CRLF when it is used.
"""
