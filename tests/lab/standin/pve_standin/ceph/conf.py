"""ceph.conf in the cluster file system: parsing, and writing with the layout of Proxmox VE's own writer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pve_standin.core import cfs, paths

FILE = paths.PVE / "ceph.conf"
_KINDS = ("global", "client", "mds", "mon", "osd", "mgr")

Section = dict[str, str]
Sections = dict[str, Section]


class CephConf:
    """Sections of options; names of options are kept with underscores."""

    def __init__(self, sections: Sections | None = None) -> None:
        self.sections: Sections = sections or {}

    @property
    def globals(self) -> Section:
        return self.section("global")

    def section(self, name: str) -> Section:
        """A section, made when it is not there yet."""
        return self.sections.setdefault(name, {})

    def drop(self, name: str) -> None:
        self.sections.pop(name, None)

    def daemons(self, kind: str) -> dict[str, Section]:
        """The sections of one kind of daemon by the daemon's id ('mon.pve1' -> 'pve1')."""
        prefix = f"{kind}."
        return {name[len(prefix) :]: part for name, part in self.sections.items() if name.startswith(prefix)}

    @property
    def mon_hosts(self) -> list[str]:
        return self.globals.get("mon_host", "").replace(",", " ").split()

    @mon_hosts.setter
    def mon_hosts(self, addresses: list[str]) -> None:
        # each address is appended with a blank before it, so the list starts with one
        self.globals["mon_host"] = "".join(f" {address}" for address in addresses)


def parse(text: str) -> CephConf:
    conf = CephConf()
    current: Section | None = None
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].split(";", 1)[0].strip()
        if line.startswith("[") and line.endswith("]"):
            current = conf.section(line[1:-1].strip())
        elif "=" in line and current is not None:
            key, _, value = line.partition("=")
            current[key.strip().replace(" ", "_").replace("-", "_")] = value.strip()
    if "mon_host" in conf.sections.get("global", {}):
        conf.mon_hosts = conf.mon_hosts
    return conf


def dump(conf: CephConf) -> str:
    return "".join(_dump_section(name, conf.sections[name]) for name in sorted(conf.sections, key=_rank))


def _rank(name: str) -> tuple[int, str]:
    kind = name.split(".", 1)[0]
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), name)


def _dump_section(name: str, section: Section) -> str:
    lines = [f"[{name}]"] + [f"\t{key} = {section[key]}" for key in sorted(section)]
    return "\n".join(lines) + "\n\n"


def read() -> CephConf:
    return parse(cfs.cfs_read(FILE) or "")


def write(conf: CephConf) -> None:
    cfs.cfs_write(FILE, dump(conf))


@contextmanager
def locked() -> Iterator[None]:
    """Hold the cluster wide lock on ceph.conf."""
    with cfs.cfs_lock("file-ceph_conf"):
        yield
