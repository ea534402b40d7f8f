"""Every limit of the doors, once, with its reason.  What an administrator may want otherwise is in `imapd.config`."""

from typing import Final

from imapd.imap.wire.framing import FramingLimits

# One command

MESSAGES: Final = 1000
"""Messages of one APPEND, or literals that they are put together from; SAVELIMIT may promise as many (RFC 9738, 3).
They are made ready and stored in one step, some 0.8 s, while the account's other writers wait; and what is made ready
of them is held in memory, some 10 KB each."""
FRAMING: Final = FramingLimits(
    line=64 << 10,  # octets; RFC 7162, 4 asks for 8,192 at least, and clients send UID sets of some thousand runs
    literal=128 << 10,  # octets; a search string, a password, a mailbox name: nothing of theirs comes near
    command=1 << 20,  # octets of all lines and literals of one command: what a session may hold before it is parsed
    literals=1 + MESSAGES,  # in one command: an APPEND has them, and a mailbox's name; a search some dozens
)
WAITING_OCTETS: Final = 256 << 10
"""Octets of pipelined commands that wait behind a running one before reading pauses; mbsync sends twenty at once."""

# A session with COMPRESS=DEFLATE: some 75 KB each, half of it the client's window of 32 KB, beside 300 KB with what
# zlib does by default; ten thousand sessions are mostly idle

DEFLATE_WINDOW_BITS: Final = 12
"""A window of 4 KB, which takes 16 KB."""
DEFLATE_MEMORY_LEVEL: Final = 5
"""Another 16 KB.  With both, headers and mail shrink to 0.50 and 0.52 of their octets; by default to 0.46 and 0.47."""
DEFLATE_LEVEL: Final = 5
"""How hard zlib tries: 50 MB a second, about as quick as 3 and 1, which leave 0.53."""
INFLATED_OCTETS: Final = 64 << 10
"""What one turn of the reactor inflates for one session, and holds of it: as much as it reads from one that does not
compress.  A few octets may stand for megabytes of commands."""
FLUSHES: Final = 100
"""How often a client may have flushed what is inflated in one turn: clients do it behind each command."""

CHANGED_AT_ONCE: Final = 10_000
"""Messages that STORE, EXPUNGE or MOVE changes in one transaction: a tenth of a second while other writers wait.  What
they do to each message stands for itself (RFC 6851, 3.3); COPY must do all or nothing (RFC 3501, 6.4.7)."""

# One session

LOGIN_SECONDS: Final = 60
"""Seconds from connecting to having logged in.  RFC 9051, 5.4 sets no least time here; password prompts come earlier,
and the longest wait of a throttled login fits in."""
KEEP_ALIVE_SECONDS: Final = 120
"""Seconds between two ``* OK Still here`` in IDLE: below the five minutes after which many home routers forget a
connection, and seldom enough for a phone's battery."""
CONTEXTS: Final = 10
"""Searches whose results are kept up to date: each change costs a search for each of them."""
CONTEXT_RUNS: Final = 50_000
"""Runs of messages that the results of all of them lie in: 12 octets and 0.3 us each, at every change."""
CONTEXT_SORTED: Final = 1_000_000
"""Results of all that are sorted: 4 octets each, and another 4 while they change."""
CONTEXT_KEY: Final = 50_000
"""Characters that one search has when it is written out, about its octets in memory."""
CONTEXT_SECONDS: Final = 60
"""How often a search for messages of some age is made anew: nobody sees the difference."""
PROGRESS_SECONDS: Final = 10
"""Seconds of silence after which a client is told how far its command is, as RFC 9585, 4 recommends."""
IDLE_UNTOLD_SECONDS: Final = 0.2
"""Seconds between ``+ idling`` and the first news: a busy client has read the one by then, and no user sees
a difference."""
NEWS_AGAIN_SECONDS: Final = 1
"""Seconds until news are told again that the store could not say: a busy account is free in far less."""
FAREWELL_SECONDS: Final = 5
"""Seconds that a client has to take the last octets before its connection is cut."""

# One session of POP3

POP3_LINE_OCTETS: Final = 16 << 10
"""Of one line with its end; RFC 2449, 4 asks for 255, and RFC 5034, 4 for 12,288 of SASL."""
POP3_FAULTS: Final = 20
"""Lines in a row that are no commands, after which the connection ends."""
POP3_IDLE_SECONDS: Final = 600
"""Seconds without a command after which a session is ended: RFC 1939, 3 asks for ten minutes at least, and as long
nobody else has the maildrop."""

# One LMTP session

LMTP_LINE_OCTETS: Final = 4096
"""Of one line with its end.  RFC 5321, 4.5.3.1.4 asks for 512, the extensions for some 100 more; an address in UTF-8
with a few parameters never comes near."""
LMTP_SECONDS: Final = 300
"""Seconds of silence, between commands and in the middle of a message (RFC 5321, 4.5.3.2.7)."""
LMTP_FAULTS: Final = 20
"""Lines in a row that are no commands: a browser that is made to post something here says more."""
RECIPIENTS: Final = 1000
"""Of one message; RFC 5321, 4.5.3.1.8 asks for 100 at least, and Postfix sends to 50 at a time."""

TRACE_OCTETS: Final = 8 * LMTP_LINE_OCTETS
"""What is stored of a message beyond the size that may be sent: the fields above it name its sender, its client and,
twice, its recipient, each of less than a line."""

# One transfer agent

LOGINS_AT_ONCE: Final = 100
"""Logins under way on one connection of the authentication door; Postfix has one at a time."""
AGENT_CONNECTIONS: Final = 1000
"""Connections of one transfer agent to one door: Postfix has 100 processes by default, each with one."""

# All sessions

REMEMBERED_ORDERS: Final = 16 << 20
"""Octets of the orders of mailboxes that a process keeps for who sorts them again, 12 at most for each message."""
REMEMBERED_THREADS: Final = 16 << 20
"""Octets of threads, some 32 for each message."""
BACKLOG: Final = 1024
"""Connections that the system keeps until they are accepted: all clients come back at once after a restart."""

CONNECTIONS_PER_USER: Final = 100
"""Sessions of one user at one time: Thunderbird opens five, a phone two, and people have several devices."""
STRANGERS_PER_ADDRESS: Final = 50
"""Connections of one address that have not logged in: an office behind one may start at nine together.  An IPv6 network
of 64 bits counts as one, since its owner has them all."""
STRANGERS: Final = 2000
"""Connections that have not logged in, of all addresses: what one may open without a password costs this much memory
at most."""

# Autoconfiguration by HTTP

HTTP_SECONDS: Final = 30
"""Seconds that a connection may be silent: a request is a few hundred octets, and its answer a few thousand."""
HTTP_CONNECTIONS: Final = 200
"""Connections at one time; programs ask once when an account is set up."""

# The process

DOORS_CLOSE_SECONDS: Final = 10
"""Seconds for all sessions to hear ``BYE`` and for their running commands to end, when the server stops."""
INDEXER_CLOSE_SECONDS: Final = 3
"""Seconds for the search indexer to finish a step before it is killed, which loses nothing; a busy machine may not let
it run at all."""
STORE_CLOSE_SECONDS: Final = 30
"""Seconds for the store to write what it has promised; service managers kill after 90."""
WORKER_CLOSE_SECONDS: Final = DOORS_CLOSE_SECONDS + STORE_CLOSE_SECONDS + 5
"""Seconds for a worker to end, which does both, before it is killed."""
RETIRED_SECONDS: Final = 15 * 60
"""Seconds that sessions may go on in a worker that another has replaced, before they hear ``BYE`` and come back to the
new one: as long as most downloads take.  IDLE would keep it, and the configuration of before, for days."""
