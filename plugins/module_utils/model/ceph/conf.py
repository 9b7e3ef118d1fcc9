# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ceph.conf says of the cluster: its networks, and where its monitors are, wherever in the file that stands."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Optional

from .conf_text import Sections, parse_sections
from .state import CONF, KINDS, CephConf

NETWORKS = ("public_network", "cluster_network")
#: Where Ceph's library looks for the administrator's settings, and then where only its daemons do.
_SEARCHED = ("client.admin", "client", "global")
#: In a section of one monitor, since the first releases.
_ADDRESSES = ("mon_addr", "public_addr", "host")
_NUMBER = re.compile(r"[+-]?[0-9]+")
_MAX_SIZE = 10
_SEPARATORS = re.compile(r"[,;=\s]+")


def parse_conf(text: str) -> Optional[CephConf]:
    """/etc/pve/ceph.conf; None while it has no fsid, that is before ``pveceph init``."""
    sections = parse_sections(text, CONF)
    fsid = _setting(sections, "fsid")
    if not fsid:
        return None
    return CephConf(
        fsid=fsid,
        public_network=networks(_setting(sections, "public_network")),
        cluster_network=networks(_setting(sections, "cluster_network")),
        mon_hosts=tuple(dict.fromkeys(_mon_hosts(sections))),
        daemons={kind: frozenset(name[4:] for name in sections if name.startswith(f"{kind}.")) for kind in KINDS},
        homes={name: settings["host"].partition(".")[0] for name, settings in sections.items() if "host" in settings},
        default_size=_size(_setting(sections, "osd_pool_default_size")),
    )


def _setting(sections: Sections, key: str) -> str:
    found = (sections[name][key] for name in _SEARCHED if key in sections.get(name, {}))
    return next(found, "")


def _mon_hosts(sections: Sections) -> Iterator[str]:
    """From ``mon_host`` in any section; else from the sections of the monitors themselves."""
    named = [settings["mon_host"] for settings in sections.values() if settings.get("mon_host")]
    for value in named:
        yield from _list(value)
    if named:
        return
    for name, settings in sections.items():
        if name.startswith("mon."):
            yield next((settings[key] for key in _ADDRESSES if settings.get(key)), name[len("mon.") :])


def networks(value: str) -> tuple[str, ...]:
    """As networks: the web interface of Proxmox VE writes a node's address with its prefix where one is meant."""
    return tuple(dict.fromkeys(map(normal_network, _list(value))))


def normal_network(text: str) -> str:
    """The network that an address with a prefix lies in; what is neither stays as it is."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return text


def _size(text: str) -> int:
    """What Ceph does not take for a size, it leaves at the default."""
    number = int(text) if _NUMBER.fullmatch(text) else -1
    return number if 0 <= number <= _MAX_SIZE else CephConf.default_size


def _list(value: str) -> list[str]:
    return [word for word in _SEPARATORS.split(value) if word]
