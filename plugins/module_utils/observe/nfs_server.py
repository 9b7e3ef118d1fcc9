# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what this node exports over NFS."""

from __future__ import annotations

import re
from typing import Optional

from ..model.nfs_server import EXPORTS_FILE, PACKAGE, Directory, NfsServer, NfsServerObserved
from .packages import installed_packages
from .reader import Reader

_UNIT = "nfs-server.service"
_ETAB = "/var/lib/nfs/etab"


def observe(reader: Reader, desired: Optional[NfsServer] = None) -> NfsServerObserved:
    """Without ``desired``, directories are looked at for the exports the node itself declares."""
    declared = reader.read(EXPORTS_FILE)
    paths = set(exported_paths(declared or ""))
    if desired is not None:
        paths.update(export.path for export in desired.exports)
    return NfsServerObserved(
        installed=PACKAGE in installed_packages(reader),
        unit_enabled=reader.run("systemctl", "is-enabled", _UNIT).stdout.strip() == "enabled",
        unit_active=reader.run("systemctl", "is-active", _UNIT).stdout.strip() == "active",
        declared=declared,
        foreign_paths=_foreign_paths(reader),
        active=parse_etab(reader.read(_ETAB) or ""),
        directories={path: _directory(reader, path) for path in sorted(paths)},
    )


def exported_paths(text: str) -> tuple[str, ...]:
    """The paths that an exports(5) file names, unescaped."""
    joined = text.replace("\\\n", " ")
    lines = (line.strip() for line in joined.splitlines())
    return tuple(_first_field(line) for line in lines if line and not line.startswith("#"))


def parse_etab(text: str) -> dict[str, frozenset[str]]:
    """Path → clients of /var/lib/nfs/etab, the table of what exportfs has handed to the server."""
    active: dict[str, set[str]] = {}
    for line in text.splitlines():
        path, _, client = line.partition("\t")
        if client:
            active.setdefault(_unescape(path), set()).add(client.partition("(")[0])
    return {path: frozenset(clients) for path, clients in active.items()}


def _foreign_paths(reader: Reader) -> tuple[str, ...]:
    """Paths exported by files that this collection does not manage."""
    directory, own_name = EXPORTS_FILE.rsplit("/", 1)
    others = [
        f"{directory}/{name}" for name in reader.names(directory) if name.endswith(".exports") and name != own_name
    ]
    texts = (reader.read(path) or "" for path in ["/etc/exports", *others])
    return tuple(path for text in texts for path in exported_paths(text))


def _directory(reader: Reader, path: str) -> Optional[Directory]:
    found = reader.entry(path)
    return None if found is None else Directory(found.kind, found.owner, found.group, found.mode)


def _first_field(line: str) -> str:
    if line.startswith('"'):
        return line[1:].partition('"')[0]
    return _unescape(line.split()[0])


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)
