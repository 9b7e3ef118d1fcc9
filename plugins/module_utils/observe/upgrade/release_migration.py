# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read what upstream's scripts would still change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.node.lvm import Volume
from ...model.storage.entry import StorageEntry, parse_storages
from ...model.upgrade.release_migration import Migration, ObservedMigration, script
from ..node.host import observe as observe_host

_STORAGES = "/etc/pve/storage.cfg"
_KEYS = "/etc/pve/priv/ceph"
_KEYRING = re.compile(r"^\s*keyring\s*=", re.MULTILINE)
VOLUMES = ("lvs", "--reportformat", "json", "--options", "vg_name,lv_name,autoactivation")


def observe(reader: Reader, migration: Migration) -> ObservedMigration:
    entries = parse_storages(reader.read(_STORAGES) or "").entries
    left = _keyrings(reader, entries) if migration == "rbd-keyring" else _volumes(reader, entries)
    return ObservedMigration(tuple(left), reader.entry(script(migration)) is not None)


def _keyrings(reader: Reader, entries: Mapping[str, StorageEntry]) -> Iterator[str]:
    """Storages of another cluster that have a key and no configuration that names it."""
    keys = reader.names(_KEYS)
    external = (name for name, entry in sorted(entries.items()) if entry.type == "rbd" and "monhost" in entry.options)
    for name in external:
        if f"{name}.keyring" in keys and not _KEYRING.search(reader.read(f"{_KEYS}/{name}.conf") or ""):
            yield name


def _volumes(reader: Reader, entries: Mapping[str, StorageEntry]) -> Iterator[str]:
    node = observe_host(reader).name
    used = [one for one in entries.values() if one.type in ("lvm", "lvmthin") and not one.disabled and one.is_on(node)]
    groups = {str(one.options["vgname"]) for one in used if "vgname" in one.options}
    if not groups:
        return
    done = reader.run(*VOLUMES)
    try:
        rows = json.loads(done.stdout)["report"][0]["lv"]
    except (ValueError, KeyError, IndexError) as error:
        raise Unreadable(f"LVM does not tell of its volumes: {done.stderr.strip() or error}.") from error
    for row in rows:
        volume = Volume(row["vg_name"], row["lv_name"], "")
        if volume.group in groups and volume.of_guest and row["autoactivation"] == "enabled":
            yield f"{volume.group}/{volume.name}"
