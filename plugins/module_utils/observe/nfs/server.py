# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what this node exports over NFS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.debian.release import release_of
from ...model.nfs.conf import FOLDER, SETTINGS_FILE, ObservedSettings, parse_nfsd, running_settings
from ...model.nfs.server import (
    EXPORTS_FILE,
    PACKAGE,
    Declared,
    DesiredNfsServer,
    Directory,
    Export,
    ObservedNfsServer,
    Served,
    ServedClient,
    is_name,
)
from ...model.nfs.text import parse_declared, parse_exports, parse_served, parse_withdrawn
from ..debian.packages import installed_packages
from ..node.host import OS_RELEASE, parse_os_release
from ..storage.access import MOUNTS, parse_mounts

#: Prints where each path leads, links followed as far as there are any.
REALPATH = ("realpath", "--zero", "--canonicalize-missing", "--")
_UNIT = "nfs-server.service"
_ETAB = "/var/lib/nfs/etab"
#: Where the kernel's server tells of itself.
_KERNEL = "/proc/fs/nfsd"


@recorded
def observe(reader: Reader, desired: Optional[DesiredNfsServer] = None) -> ObservedNfsServer:
    """Without ``desired``, directories are looked at for the exports the node itself declares."""
    installed = PACKAGE in installed_packages(reader)
    text = reader.read(EXPORTS_FILE)
    declared, withdrawn = parse_exports(text or ""), parse_withdrawn(text or "")
    foreign, served = _foreign(reader), parse_served(reader.read(_ETAB) or "")
    wanted = desired.exports if desired is not None else ()
    own = {export.path for export in declared}
    others = {export.path for file in foreign.values() for export in file.exports}
    there = own | others | set(served) | {one.path for one in withdrawn}
    paths = _real(reader, there)
    paths.update(_real(reader, {export.path for export in wanted} - there))
    names = {*_names(declared), *(one.host for one in withdrawn if is_name(one.host))}
    return ObservedNfsServer(
        installed=installed,
        unit_enabled=installed and reader.run("systemctl", "is-enabled", _UNIT).stdout.strip() == "enabled",
        unit_active=installed and reader.run("systemctl", "is-active", _UNIT).stdout.strip() == "active",
        declared=text,
        foreign=foreign,
        served=_by_place(served, paths),
        directories={path: _directory(reader, path) for path in sorted(own | {export.path for export in wanted})},
        mounts=frozenset(parse_mounts(reader.read(MOUNTS) or "")),
        settings=_settings(reader),
        paths=paths,
        names=_resolved(reader, names | _names(wanted)),
    )


def _real(reader: Reader, paths: Iterable[str]) -> dict[str, str]:
    """Path → where it leads; nothing where the node cannot say."""
    asked = sorted(paths)
    if not asked:
        return {}
    found = reader.run(*REALPATH, *asked)
    places = found.stdout.split("\0")[:-1]
    return dict(zip(asked, places)) if found.rc == 0 and len(places) == len(asked) else {}


def _by_place(served: Served, paths: dict[str, str]) -> Served:
    found: dict[str, dict[str, ServedClient]] = {}
    for path, clients in served.items():
        found.setdefault(paths.get(path, path), {}).update(clients)
    return found


def _names(exports: Iterable[Export]) -> set[str]:
    return {client.host for export in exports for client in export.clients if is_name(client.host)}


def _resolved(reader: Reader, names: Iterable[str]) -> dict[str, str]:
    """Name → canonical name, as exportfs asks for it; a name that does not resolve is missing."""
    found = {}
    for name in sorted(names):
        words = reader.run("getent", "ahosts", name).stdout.partition("\n")[0].split()
        if len(words) == 3:
            found[name] = words[2]
    return found


def _settings(reader: Reader) -> ObservedSettings:
    """What later files say goes before the managed one; earlier ones do not matter."""
    own_name = SETTINGS_FILE.rsplit("/", 1)[1]
    later = [name for name in reader.names(FOLDER) if name.endswith(".conf") and name > own_name]
    codename = parse_os_release(reader.read(OS_RELEASE) or "").get("VERSION_CODENAME", "")
    release = release_of(codename)
    return ObservedSettings(
        managed=reader.read(SETTINGS_FILE),
        overriding={f"{FOLDER}/{name}": parse_nfsd(reader.read(f"{FOLDER}/{name}") or "") for name in later},
        running=running_settings(reader.read(f"{_KERNEL}/threads"), reader.read(f"{_KERNEL}/versions")),
        supported=release is None or release.nfs_conf,
    )


def _foreign(reader: Reader) -> dict[str, Declared]:
    """What is exported by files that this collection does not manage; exportfs passes over hidden ones."""
    directory, own_name = EXPORTS_FILE.rsplit("/", 1)
    others = [
        f"{directory}/{name}"
        for name in reader.names(directory)
        if name.endswith(".exports") and name != own_name and not name.startswith(".")
    ]
    return {path: parse_declared(reader.read(path) or "") for path in ["/etc/exports", *others]}


def _directory(reader: Reader, path: str) -> Optional[Directory]:
    found = reader.entry(path)
    return None if found is None else Directory(found.kind, found.owner, found.group, found.mode)
