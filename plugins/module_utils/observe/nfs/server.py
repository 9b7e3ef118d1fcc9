# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what this node exports over NFS."""

from __future__ import annotations

from typing import Optional

from ...engine.reader import Reader, recorded
from ...model.debian.release import release_of
from ...model.nfs.conf import FOLDER, SETTINGS_FILE, ObservedSettings, parse_nfsd, running_settings
from ...model.nfs.server import EXPORTS_FILE, PACKAGE, DesiredNfsServer, Directory, Export, ObservedNfsServer
from ...model.nfs.text import parse_exports, parse_served
from ..debian.packages import installed_packages
from ..node.host import OS_RELEASE, parse_os_release
from ..storage.access import MOUNTS, parse_mounts

_UNIT = "nfs-server.service"
_ETAB = "/var/lib/nfs/etab"
#: Where the kernel's server tells of itself.
_KERNEL = "/proc/fs/nfsd"


@recorded
def observe(reader: Reader, desired: Optional[DesiredNfsServer] = None) -> ObservedNfsServer:
    """Without ``desired``, directories are looked at for the exports the node itself declares."""
    installed = PACKAGE in installed_packages(reader)
    declared = reader.read(EXPORTS_FILE)
    paths = {export.path for export in parse_exports(declared or "")}
    if desired is not None:
        paths.update(export.path for export in desired.exports)
    return ObservedNfsServer(
        installed=installed,
        unit_enabled=installed and reader.run("systemctl", "is-enabled", _UNIT).stdout.strip() == "enabled",
        unit_active=installed and reader.run("systemctl", "is-active", _UNIT).stdout.strip() == "active",
        declared=declared,
        foreign=_foreign(reader),
        served=parse_served(reader.read(_ETAB) or ""),
        directories={path: _directory(reader, path) for path in sorted(paths)},
        mounts=frozenset(parse_mounts(reader.read(MOUNTS) or "")),
        settings=_settings(reader),
    )


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


def _foreign(reader: Reader) -> dict[str, tuple[Export, ...]]:
    """What is exported by files that this collection does not manage."""
    directory, own_name = EXPORTS_FILE.rsplit("/", 1)
    others = [
        f"{directory}/{name}" for name in reader.names(directory) if name.endswith(".exports") and name != own_name
    ]
    texts = {path: reader.read(path) or "" for path in ["/etc/exports", *others]}
    return {path: parse_exports(text) for path, text in texts.items()}


def _directory(reader: Reader, path: str) -> Optional[Directory]:
    found = reader.entry(path)
    return None if found is None else Directory(found.kind, found.owner, found.group, found.mode)
