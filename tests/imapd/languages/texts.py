"""Every text that the code says to a client, found in its source."""

import ast
from pathlib import Path

from imapd.auth.admission import TooManyError
from imapd.auth.sasl import SaslError
from imapd.imap.errors import CommandError
from imapd.pop3.errors import Refused
from mailstore.errors import StoreError

ROOT = Path(__file__).parents[3]
SOURCES = ("imapd/auth", "imapd/imap", "imapd/pop3", "mailstore")


def _below(kind):
    return {kind, *(each for child in kind.__subclasses__() for each in _below(child))}


SAYING = {
    "Done",
    "remark",
    "error",
    "Ok",
    *(kind.__name__ for root in (CommandError, StoreError, TooManyError, Refused, SaslError) for kind in _below(root)),
}
"""What is called with a text first."""
EXPECTING = {"match", "_bare_or_string", "send_status"}
"""What is called with a text second."""


def texts():
    """Return the templates of all texts: what differs each time is ``{}``."""
    found = set()
    for folder in SOURCES:
        for path in ROOT.joinpath(folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text())):
                if isinstance(call, ast.Call):
                    found.update(_said(call))
    return found


def _said(call):
    if ast.unparse(call.func).startswith("_log."):
        return
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    place = 0 if name in SAYING else 1 if name in EXPECTING else None
    if place is not None and len(call.args) > place:
        for node in _alternatives(call.args[place]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield _escaped(node.value)
            elif isinstance(node, ast.JoinedStr):
                yield "".join(_escaped(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _alternatives(node):
    return [*_alternatives(node.body), *_alternatives(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def _escaped(text):
    return text.replace("{", "{{").replace("}", "}}")
