"""Imports run one way: service, then doors, admin and auth, then commands, session, wire, mailstore."""

import ast
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parent.parent
DOORS = {"imapd.imap", "imapd.pop3", "imapd.lmtp", "imapd.saslauth", "imapd.autoconfig"}
COMPOSED = {"imapd.service", "imapd.admin", "imapd.moving", "imapd.store"}
TRANSPORT = {"twisted.internet", "twisted.protocols", "imapd.imap.connection", "imapd.imap.door"}

FORBIDDEN = {
    "mailstore": {"imapd", "twisted.mail"},
    **{pure: {"twisted"} for pure in ("mailstore.model", "mailstore.query", "mailstore.mime", "imapd.imap.selected")},
    "mailstore.fulltext": {"twisted", "mailstore.sqlite", "apsw"},
    "imapd.imap.wire": {"twisted", *TRANSPORT, "imapd.imap.commands", "imapd.imap.session", "imapd.imap.selected"},
    "imapd.imap.commands": TRANSPORT,
    "imapd.imap.session": TRANSPORT | {"imapd.imap.commands"},
    **{door: DOORS - {door} | COMPOSED for door in DOORS},
    "imapd.doors": DOORS | COMPOSED,
    "imapd.auth": DOORS | COMPOSED,
    "imapd.formats": DOORS | COMPOSED | {"imapd.auth", "twisted"},
    "imapd.remote": {"imapd.imap.commands", "imapd.imap.session", *TRANSPORT, *COMPOSED, "twisted"},
    "imapd.moving": DOORS | COMPOSED - {"imapd.moving"} | {"imapd.auth", "click", "rich"},
    "imapd.admin": DOORS | {"imapd.service"},
    "imapd": {"mailstore.sqlite"},  # a backend is reached only through open_store
}
"""What a module, and those below it, may not import."""


def modules():
    for path in (*ROOT.glob("imapd/**/*.py"), *ROOT.glob("mailstore/**/*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path.read_text()


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def among(name, packages):
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


class ImportTests(SynchronousTestCase):
    def test_imports_run_one_way(self):
        rules = [
            (module, name, FORBIDDEN[importer])
            for module, source in modules()
            for name in imported(source)
            for importer in FORBIDDEN
            if among(module, [importer])
        ]
        self.assertNotEqual(rules, [])
        self.assertEqual([f"{module} imports {name}" for module, name, packages in rules if among(name, packages)], [])
