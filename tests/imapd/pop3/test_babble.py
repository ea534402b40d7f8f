"""Whatever is said, and however it is cut: each line has one answer, and nothing but POP3 is answered."""

import random

from tests.imapd.imap.test_connection import run_as_deferred
from tests.imapd.pop3.case import LETTER, Pop3Case

VERBS = b"STAT LIST UIDL RETR TOP DELE NOOP RSET CAPA LANG USER PASS AUTH".split()
WORDS = (b"", b" ", b"\xff", b"\0", *b"0 1 2 3 -1 99999999999 x PLAIN fr * . =".split())
ENDS = (b"\r\n", b"\n")
MULTILINE = {b"LIST": 0, b"UIDL": 0, b"RETR": 1, b"TOP": 1, b"CAPA": 0, b"LANG": 0}


def sentence(chance):
    """Return a line that may mean something."""
    words = [chance.choice(VERBS), *chance.choices(WORDS, k=chance.randrange(4))]
    line = b" ".join(words)
    return chance.choice((line, line, line, line.lower(), chance.randbytes(9).replace(b"\n", b"")))


def has_lines(line, answer):
    """Tell whether lines follow an answer."""
    verb, *arguments = line.upper().split() or [b""]
    return answer.startswith(b"+OK") and verb in MULTILINE and (MULTILINE[verb] == 1 or not arguments)


@run_as_deferred
class BabbleTest(Pop3Case):
    async def test_one_answer_for_each_line(self):
        await self.deliver(LETTER, b".\n.\r\n..", b"")
        for seed in range(20):
            chance = random.Random(seed)
            client = await self.connect().login()
            said = [line for line in (sentence(chance) for _ in range(15)) if line.strip().upper() != b"QUIT"]
            octets = b"".join(line + chance.choice(ENDS) for line in said)
            while octets:
                cut = chance.randrange(1, 60)
                client.send(octets[:cut])
                octets = octets[cut:]
            for line in said:
                answer = await client.line()
                self.assertRegex(answer, rb"\A(\+OK|-ERR)", (seed, line))
                if has_lines(line, answer):
                    await client.body()
            self.assertEqual(client.taken(), b"", seed)
            await client.succeeds(b"NOOP")
            await client.succeeds(b"QUIT")
            await self.empty()
            await self.deliver(*[LETTER] * 3)
        self.assertEqual(self.flushLoggedErrors(), [])
