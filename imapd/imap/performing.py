"""One command is carried out: looked up, parsed and run; then the news are told."""

from imapd.doors.outflow import Disconnected
from imapd.imap.commands import command_name, look_up
from imapd.imap.commands.verb import Done, Verb
from imapd.imap.errors import Bye, CommandError, No, spell
from imapd.imap.journal import journal
from imapd.imap.news.telling import tell_if_possible
from imapd.imap.sending import send_status
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.framing import Command, SpooledLiteral
from mailstore.errors import StoreError

Ending = Done | CommandError | None
"""How a command ends; None if its tagged line is written."""


async def perform(session: Session, command: Command) -> tuple[bytes, bytes, Ending]:
    """Carry out a command, whatever it is and does; return its tag, its name, and how it ends."""
    tag, name = b"*", b""
    ending: Ending
    try:
        cursor = Cursor(command.pieces, utf8=session.utf8)
        tag = cursor.tag()
        session.begin(tag)
        cursor.space()
        name = command_name(cursor)
        ending = await _carry_out(session, look_up(session, name), cursor)
        if isinstance(ending, Done) and ending.long_code is not None:
            await send_status(session, ending.text, ending.long_code, tag + b" OK")
            ending = None
    except CommandError as error:
        ending = error
    except Disconnected:
        ending = Bye("disconnected")
    except Exception:  # noqa: BLE001  # whatever a command raises must not reach the client or end the session
        ending = No(f"internal error, reference {journal.internal_error(name)}", "SERVERBUG")
    finally:
        for piece in command.pieces:
            if isinstance(piece, SpooledLiteral):
                piece.spool.close()
    return tag, name, ending


async def _carry_out(session: Session, verb: Verb, cursor: Cursor) -> Done | No:
    """Parse and run a command, and tell the news (RFC 3501, 5.2), whether it ends in OK or NO.

    A client whose command is BAD is out of step with what is here: it is told nothing until it gives a good one.
    """
    try:
        request = verb.parse(cursor)
        cursor.end()
        ending: Done | No = await verb.run(session, request)
    except No as refusal:
        ending = refusal
    except StoreError as error:
        ending = spell(error)
    if not session.settled:
        await tell_if_possible(session, expunges=verb.tells_expunges)
    return ending
