# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of an NFS server: exports(5) files, written and read, and the table that exportfs keeps of them."""

from __future__ import annotations

import re

from .options import served_options, written
from .server import Client, Export, canonical_host

HEADER = "# Managed by baremetal.virt.nfs_server: changes made here are replaced."
#: Characters that end a field or have a meaning of their own; exports(5) takes their octal codes instead.
_SPECIAL = re.compile(r'[\x00-\x20"#\\\x7f]')
_OCTAL = re.compile(rb"\\([0-7]{3})")
_FIELD = re.compile(r'"([^"]*)"|([^ \t]+)')


def render_exports(exports: tuple[Export, ...]) -> str:
    """The managed file: one line per export, in the order given."""
    lines = [HEADER]
    for export in exports:
        clients = " ".join(f"{client.host}({','.join(written(client.options))})" for client in export.clients)
        lines.append(f"{quote_path(export.path)} {clients}")
    return "\n".join(lines) + "\n"


def parse_exports(text: str) -> tuple[Export, ...]:
    """The exports that a file declares; owner, group and mode are not part of it."""
    exports = []
    for line in _lines(text):
        first, *rest = [quoted or plain for quoted, plain in _FIELD.findall(line)]
        exports.append(Export(unquote_path(first), _clients(rest)))
    return tuple(exports)


def parse_served(text: str) -> dict[str, dict[str, dict[str, str]]]:
    """/var/lib/nfs/etab: path → client → what its options decide."""
    served: dict[str, dict[str, dict[str, str]]] = {}
    for line in text.split("\n"):
        path, dummy, client = line.partition("\t")
        host, dummy, options = client.partition("(")
        if host:
            clients = served.setdefault(unquote_path(path), {})
            clients[canonical_host(host)] = served_options(options.rstrip(")"))
    return served


def quote_path(path: str) -> str:
    return _SPECIAL.sub(lambda match: f"\\{ord(match.group()):03o}", path)


def unquote_path(text: str) -> str:
    raw = _OCTAL.sub(lambda match: bytes((int(match.group(1), 8) & 0xFF,)), text.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")


def _lines(text: str) -> list[str]:
    """Logical lines: a backslash at the end continues a line, ``#`` outside of quotes begins a comment."""
    joined = text.replace("\\\n", " ").split("\n")
    bare = (re.sub(r'^((?:[^"#]|"[^"]*")*)#.*', r"\1", line).strip(" \t") for line in joined)
    return [line for line in bare if line]


def _clients(fields: list[str]) -> tuple[Client, ...]:
    """``host(options)`` each; ``-options`` sets what the clients after it have besides their own."""
    common: tuple[str, ...] = ()
    clients = []
    for field in fields:
        if field.startswith("-"):
            common = tuple(field[1:].split(","))
            continue
        host, dummy, options = field.partition("(")
        own = tuple(option for option in options.rstrip(")").split(",") if option)
        clients.append(Client(host or "*", (*common, *own)))
    return tuple(clients)
