"""W9: COPY, MOVE and EXPUNGE of all messages."""

from bench.mailboxes import BIG, anew, big
from bench.measuring import Bench


def run(bench: Bench) -> None:
    number = big(bench)
    with bench.connected(mailbox=BIG) as connection:
        anew(connection, b"ib_copy")
        anew(connection, b"ib_move")
        bench.command("COPY", connection, b"UID COPY 1:* ib_copy", ops=number)
        bench.settle()
        connection.command(b"SELECT ib_copy")
        bench.command("MOVE", connection, b"UID MOVE 1:* ib_move", ops=number)
        bench.settle()
        connection.command(b"SELECT ib_move")
        connection.command(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
        bench.command("EXPUNGE", connection, b"EXPUNGE", ops=number)
    with bench.connected() as connection:
        connection.command(b"DELETE ib_copy")
        connection.command(b"DELETE ib_move")
    bench.settle()
