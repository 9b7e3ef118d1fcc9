"""The entries of /etc/pve that exist in no database: status files and the links to the local node's folders."""

from __future__ import annotations

import json
import re
from typing import Callable

from pve_standin.pmxcfs.status import Status
from pve_standin.pmxcfs.store import Store

RRD_FIGURES = ("uptime", "maxcpu", "cpu", "maxmem", "mem", "maxdisk", "disk")
GUEST_FOLDERS = {"qemu-server": "qemu", "lxc": "lxc"}

# files whose version other programs watch through .version
WATCHED = (
    "corosync.conf",
    "corosync.conf.new",
    "storage.cfg",
    "user.cfg",
    "domains.cfg",
    "notifications.cfg",
    "jobs.cfg",
    "vzdump.cron",
    "datacenter.cfg",
    "replication.cfg",
    "ha/crm_commands",
    "ha/manager_status",
    "ha/resources.cfg",
    "ha/rules.cfg",
    "ha/groups.cfg",
    "status.cfg",
    "ceph.conf",
    "sdn/vnets.cfg",
    "sdn/zones.cfg",
    "sdn/subnets.cfg",
    "sdn/controllers.cfg",
    "mapping/pci.cfg",
    "mapping/usb.cfg",
)


class VirtualEntries:
    """Content of virtual files and targets of virtual links, by their name in /etc/pve."""

    def __init__(self, store: Store, status: Status) -> None:
        self._store = store
        self._status = status
        self._debug = b"0\n"
        self._files: dict[str, Callable[[], bytes]] = {
            ".members": lambda: status.members_text().encode(),
            ".vmlist": self._vmlist,
            ".version": self._version,
            ".clusterlog": lambda: status.log_text().encode(),
            ".rrd": self._rrd,
            ".debug": lambda: self._debug,
        }
        node = status.node
        self.links = {
            "local": f"nodes/{node}",
            "qemu-server": f"nodes/{node}/qemu-server",
            "lxc": f"nodes/{node}/lxc",
            "openvz": f"nodes/{node}/openvz",
        }

    def names(self) -> list[str]:
        return [*self._files, *self.links]

    def is_file(self, name: str) -> bool:
        return name in self._files

    def content(self, name: str) -> bytes:
        return self._files[name]()

    def writable(self, name: str) -> bool:
        return name == ".debug"

    def set_debug(self, data: bytes) -> None:
        self._debug = data

    def guests(self) -> dict[str, tuple[str, str, int]]:
        """Guest id -> node, type, version of its configuration file."""
        found: dict[str, tuple[str, str, int]] = {}
        with self._store.lock:
            for node in self._store.names("nodes"):
                for folder, kind in GUEST_FOLDERS.items():
                    base = f"nodes/{node}/{folder}"
                    for name in self._store.names(base):
                        matched = re.fullmatch(r"([1-9][0-9]{2,8})\.conf", name)
                        entry = self._store.lookup(f"{base}/{name}")
                        if matched and entry is not None:
                            found[matched.group(1)] = (node, kind, entry.version)
        return found

    def _vmlist(self) -> bytes:
        guests = self.guests()
        if not guests:
            return b'{\n"version": 1\n\n}\n'
        rows = [
            f'"{guest}": {{ "node": "{node}", "type": "{kind}", "version": {version} }}'
            for guest, (node, kind, version) in sorted(guests.items())
        ]
        newest = max(version for _, _, version in guests.values())
        return f'{{\n"version": {newest},\n"ids": {{\n{",".join(rows)}}}\n\n}}\n'.encode()

    def _version(self) -> bytes:
        content: dict[str, object] = {
            "starttime": self._status.start_time,
            "clinfo": self._status.member_version,
            "vmlist": max((version for _, _, version in self.guests().values()), default=1),
        }
        for path in WATCHED:
            entry = self._store.lookup(path)
            content[path] = entry.version if entry is not None else 0
        rows = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items()]
        return ("{\n" + ",\n".join(rows) + "\n}\n").encode()

    def _rrd(self) -> bytes:
        """Lines of figures for each node and each active storage of it, from what the status daemons published."""
        lines = []
        for node, text in sorted(self._status.values("nodestats").items()):
            figures = json.loads(text)
            shown = ":".join(str(figures.get(name, "")) for name in RRD_FIGURES)
            lines.append(f"pve-node-9.0/{node}:{shown}\n")
        for node, text in sorted(self._status.values("storage").items()):
            for name, view in json.loads(text).items():
                if view["active"]:
                    figures = f"{view['time']}:{view['total']}:{view['used']}"
                    lines.append(f"pve-storage-9.0/{node}/{name}:{figures}\n")
        return "".join(lines).encode()
