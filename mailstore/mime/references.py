"""The message ids that tie a message to others (RFC 5322, 3.6.4)."""

import re
from typing import Final

from mailstore.mime.headers import Header

MAX_REFERENCES: Final = 50
"""The nearest ones: a longer conversation hangs together by those that each message has in common with the next."""

_MSG_ID: Final = re.compile(rb"<[^<>\s]++>").findall


def references(header: Header) -> list[bytes]:
    """Return the message's own id, then those of the messages that it answers, the nearest first, each once.

    Of In-Reply-To only the first is taken: old programs put addresses behind it.

    ::

        message-id  = "Message-ID:" msg-id CRLF
        in-reply-to = "In-Reply-To:" 1*msg-id CRLF
        references  = "References:" 1*msg-id CRLF
    """
    own, answered = (_MSG_ID(header.get(name) or b"")[:1] for name in (b"message-id", b"in-reply-to"))
    above = reversed(_MSG_ID(header.get(b"references") or b"")[-MAX_REFERENCES:])
    return list(dict.fromkeys([*own, *answered, *above]))[:MAX_REFERENCES]
