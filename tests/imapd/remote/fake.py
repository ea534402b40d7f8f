"""An IMAP server in a thread, as good or as bad as a test wants it."""

import base64
import re
import socketserver
import threading
from collections import defaultdict
from types import SimpleNamespace

from imapd.auth.passwords import Password
from imapd.remote.account import RemoteAccount
from imapd.remote.address import address
from imapd.remote.connection import Login, Security

DATE = b"01-Feb-2024 10:20:30 +0100"
HANG_UP = object()


def folder(*octets, validity=77, attributes=rb"\HasNoChildren", subscribed=True, separator=b"/"):
    """Return a folder with messages of UIDs 1, 2, 3 ..."""
    messages = {uid: message(each) for uid, each in enumerate(octets, 1)}
    return SimpleNamespace(
        validity=validity,
        attributes=attributes,
        subscribed=subscribed,
        separator=separator,
        messages=messages,
        uid_next=None,
    )


def message(octets, flags=rb"\Seen", date=DATE, size=None):
    """Return a message; the server says it has `size` octets."""
    return SimpleNamespace(octets=octets, flags=flags, date=date, size=len(octets) if size is None else size)


class FakeServer:
    """Serves `folders` on 127.0.0.1.

    Attributes:
        folders: by name, as the server spells it.
        capabilities: what it offers.
        answers: by a part of a command, what is sent instead of the right answer, one after the other; ``%s`` is the
            tag, and HANG_UP ends the connection.
        commands: every command it was given.
        logins: every name that logged in.

    """

    def __init__(self, test, **folders):
        self.folders = {name.encode(): each for name, each in folders.items()}
        self.capabilities = b"IMAP4rev1 AUTH=PLAIN LIST-EXTENDED SPECIAL-USE"
        self.namespace = b'(("" "/")) NIL NIL'
        self.greeting = b"* OK ready\r\n"
        self.answers = defaultdict(list)
        self.commands = []
        self.logins = []
        self.refused = set()
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), lambda *args: _Conversation(self, *args))
        server.daemon_threads = True
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        test.addCleanup(thread.join)
        test.addCleanup(server.server_close)
        test.addCleanup(server.shutdown)

    def account(self, user="ada", say=lambda line: None, master=None):
        """Return the account on it."""
        where = address(f"imap://127.0.0.1:{self.port}/")
        account = RemoteAccount(where, Login(user, Password(b"secret"), master), Security(), say)
        account.waits = (0, 0, 0)
        return account


class _Conversation(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def __init__(self, server, *args):
        self.fake = server
        super().__init__(*args)

    def handle(self):
        self.selected = None
        try:
            self.wfile.write(self.fake.greeting)
            while self.fake.greeting and (line := self.rfile.readline()):
                if not self.answer(line.rstrip(b"\r\n")):
                    break
        except OSError:
            pass

    def answer(self, line):
        """Answer a command; tell whether the conversation goes on."""
        while found := re.search(rb"\{(\d+)\}$", line):
            self.wfile.write(b"+ go on\r\n")
            line = line[: found.start()] + b'"' + self.rfile.read(int(found[1])) + b'"' + self.rfile.readline().rstrip()
        self.fake.commands.append(line)
        tag, _, command = line.partition(b" ")
        for part, answers in self.fake.answers.items():
            if part in command and answers:
                answer = answers.pop(0)
                if answer is HANG_UP:
                    return False
                if answer is not None:
                    self.wfile.write(answer.replace(b"%s", tag))
                    return True
        verb, _, rest = command.partition(b" ")
        said = getattr(self, f"do_{verb.decode().lower()}")(rest)
        self.wfile.write(tag + b" " + (said or b"OK done") + b"\r\n")
        return verb != b"LOGOUT"

    def send(self, *lines):
        self.wfile.write(b"".join(b"* %b\r\n" % line for line in lines))

    def do_capability(self, _):
        self.send(b"CAPABILITY " + self.fake.capabilities)

    def do_authenticate(self, _):
        self.wfile.write(b"+ \r\n")
        acting_as, name, _ = base64.b64decode(self.rfile.readline()).split(b"\0")
        return self.log_in(acting_as + b"<-" + name if acting_as else name)

    def do_login(self, rest):
        return self.log_in(rest.split()[0].strip(b'"'))

    def log_in(self, name):
        self.fake.logins.append(name.decode())
        return b"NO [AUTHENTICATIONFAILED] no such\x1b[2J user" if name in self.fake.refused else b"OK in"

    def do_enable(self, rest):
        self.send(b"ENABLED " + rest)

    def do_namespace(self, _):
        self.send(b"NAMESPACE " + self.fake.namespace)

    def do_list(self, rest):
        pattern = re.match(rb'"" "([^"]*)"', rest)[1]
        for name, each in self.fake.folders.items():
            if re.fullmatch(re.escape(pattern).replace(rb"\*", b".*"), name):
                extra = rb" \Subscribed" if b"SUBSCRIBED" in rest and each.subscribed else b""
                self.send(b'LIST (%b%b) "%b" %b' % (each.attributes, extra, each.separator, _spelled(name)))

    def do_lsub(self, _):
        for name, each in self.fake.folders.items():
            if each.subscribed:
                self.send(b'LSUB () "%b" %b' % (each.separator, _spelled(name)))

    def do_examine(self, rest):
        name = rest.strip(b'"').replace(rb"\"", b'"')
        if name not in self.fake.folders:
            return b"NO [NONEXISTENT] no such folder"
        self.selected = self.fake.folders[name]
        following = self.selected.uid_next
        if following is None:
            following = max(self.selected.messages, default=0) + 1
        self.send(
            b"%d EXISTS" % len(self.selected.messages),
            b"OK [UIDVALIDITY %d] valid" % self.selected.validity,
            *([b"OK [UIDNEXT %d] next" % following] if following else []),
        )
        return b"OK [READ-ONLY] done"

    def do_fetch(self, rest, *, by_uid=False):
        wanted, _, items = rest.partition(b" ")
        for number, (uid, each) in enumerate(sorted(self.selected.messages.items()), 1):
            if _among(uid if by_uid else number, wanted):
                self.wfile.write(b"* %d FETCH (UID %d%b)\r\n" % (number, uid, b"".join(_items(each, items))))

    def do_uid(self, rest):
        return self.do_fetch(rest.partition(b" ")[2], by_uid=True)

    def do_logout(self, _):
        self.send(b"BYE bye")


def _spelled(name):
    return b'"%b"' % name.replace(b'"', rb"\"")


def _among(number, wanted):
    for each in wanted.split(b","):
        first, _, last = each.partition(b":")
        if int(first) <= number <= int(last or first):
            return True
    return False


def _items(each, items):
    if b"RFC822.SIZE" in items:
        yield b" RFC822.SIZE %d" % each.size
    if b"FLAGS" in items:
        yield b" FLAGS (%b)" % each.flags
    if b"INTERNALDATE" in items:
        yield b' INTERNALDATE "%b"' % each.date
    if b"BODY.PEEK[HEADER]" in items:
        header = each.octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        yield b" BODY[HEADER] {%d}\r\n%b" % (len(header), header)
    if part := re.search(rb"BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?", items):
        octets = each.octets
        if part[1]:
            octets = octets[int(part[1]) :][: int(part[2])]
        yield b" BODY[]%b {%d}\r\n%b" % (b"<%b>" % part[1] if part[1] else b"", len(octets), octets)
