# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the network of a node: what is written, for whichever program, what the kernel has, and who needs it."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import Optional

from ...engine.errors import Unreadable
from ...engine.reader import Reader, recorded
from ...model.debian.cloud_init import CONFIG, DIRECTORY, DISABLED
from ...model.network import networkd
from ...model.network.interface import Kernel
from ...model.network.network import DesiredNetwork, Manager, ObservedNetwork, Rule
from ...model.network.statements import MAIN, STAGED, Program
from ..debian.packages import installed_packages
from . import bonds, strangers, uses
from . import kernel as links

_PARSER = "/usr/share/ifupdown2/ifupdown/networkinterfaces.py"
_NODE = "/proc/sys/kernel/hostname"
NETWORKCTL = ("networkctl", "--no-legend", "--no-pager", "list")
#: A file for each link, once systemd-networkd has been started; they stay when it is stopped.
NETIF = "/run/systemd/netif/links"
NMCLI = ("nmcli", "-t", "-f", "DEVICE,STATE", "device")
#: Rules that keep names of cards, as Debian wrote them until 8.
UDEV = "/etc/udev/rules.d/70-persistent-net.rules"
#: lrm_status: the states in which the node's watchdog runs.
_ARMED = ("active", "lost_agent_lock")
#: Name servers of all links, as systemd-resolved has them from systemd-networkd.
RESOLVED = "/run/systemd/resolve/resolv.conf"
_SOURCE = re.compile(r"^[ \t]*(source\S*)[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
#: pve-firewall(8): as an option of a rule.
_INTERFACE = re.compile(r"\s-{1,2}i(?:face)?\s+(\S+)")
CLIENTS = ("ps", "-C", "dhclient,dhcpcd,udhcpc", "-o", "args=")
_CLIENT = re.compile(r"(?:\S*/)?(dhclient|dhcpcd|udhcpc)\b.*?(?P<interface>\S+)$")
_DISABLED = re.compile(r"^network\s*:\s*(\{\s*config\s*:\s*disabled\s*\}|\n\s+config\s*:\s*disabled\b)", re.MULTILINE)


@recorded
def observe(reader: Reader, desired: Optional[DesiredNetwork] = None) -> ObservedNetwork:
    """``desired``: what is to be asked for on the wire; nothing where it is not known."""
    kernel = links.observe(reader)
    others, unasked = strangers.observe(reader, kernel, desired)
    units = _units(reader)
    resolver = [line.split() for line in (reader.read(RESOLVED) or "").splitlines()]
    node = (reader.read(_NODE) or "").strip().partition(".")[0]
    return ObservedNetwork(
        node=node,
        program=_program(reader),
        ovs="openvswitch-switch" in installed_packages(reader),
        files=_files(reader),
        staged=reader.read(STAGED),
        kernel=kernel,
        managers=dict(_managers(reader, kernel)),
        netplan=networkd.netplan_of(units, kernel.links),
        networkd=networkd.units_of(units, kernel.links),
        cloud_init=_cloud_init(reader),
        alone=frozenset(bonds.without_partner(reader)),
        pins=(*networkd.pins_of(units), *networkd.pins_of_udev(reader.read(UDEV) or "", UDEV)),
        rules=tuple(_rules(reader, node)),
        strangers=others,
        unasked=unasked,
        watched=json.loads(reader.read(f"/etc/pve/nodes/{node}/lrm_status") or "{}").get("state") in _ARMED,
        dns=tuple(words[1] for words in resolver if len(words) > 1 and words[0] == "nameserver"),
        search=tuple(word for words in resolver if words[:1] == ["search"] for word in words[1:] if word != "."),
        uses=uses.observe(reader, kernel, node),  # last, as the end of it is asked of the cluster
    )


def _rules(reader: Reader, node: str) -> Iterator[Rule]:
    for path in (f"/etc/pve/nodes/{node}/host.fw", "/etc/pve/firewall/cluster.fw"):
        for line in (reader.read(path) or "").splitlines():
            found = _INTERFACE.search(line.partition("#")[0])
            if found:
                yield Rule(path, found[1], line.strip())


def _program(reader: Reader) -> Optional[Program]:
    """Which of the two is installed; of ifupdown2 its own text says whether it knows source-directory."""
    installed = installed_packages(reader)
    if "ifupdown2" in installed:
        return "ifupdown2" if "process_source_directory" in (reader.read(_PARSER) or "") else "ifupdown2-3.0"
    return "ifupdown" if "ifupdown" in installed else None


def _files(reader: Reader) -> dict[str, str]:
    """The main file, and every file of a folder that any program may be led to from there."""
    found: dict[str, str] = {}
    waiting = [MAIN]
    while waiting:
        path = waiting.pop()
        text = None if path in found else reader.read(path)
        if text is not None:
            found[path] = text
            waiting += _led_to(reader, path, text)
    return found


def _led_to(reader: Reader, path: str, text: str) -> Iterator[str]:
    """Rather too many: all that some program may take for a line, joined at its backslash or not."""
    for word, rest in (*_SOURCE.findall(text), *_SOURCE.findall(text.replace("\\\n", ""))):
        for pattern in dict.fromkeys((rest, rest.split()[0])) if rest[-1] != "\\" else ():
            place = posixpath.join(posixpath.dirname(path), pattern)
            yield from _files_in(reader, posixpath.dirname(place) if word == "source" else place.rstrip("/"))


def _files_in(reader: Reader, folder: str) -> Iterator[str]:
    for name in reader.names(folder):
        entry = reader.entry(f"{folder}/{name}")
        if entry is not None and entry.kind in ("file", "link"):
            yield f"{folder}/{name}"


def _units(reader: Reader) -> dict[str, str]:
    found = {}
    for folder in networkd.FOLDERS:
        for name in reader.names(folder):
            path = f"{folder}/{name}"
            inner = [f"{path}/{one}" for one in reader.names(path)] if name.endswith(".d") else [path]
            found.update({one: text for one in inner for text in [reader.read(one)] if text is not None})
    return found


def _managers(reader: Reader, kernel: Kernel) -> Iterator[tuple[str, Manager]]:
    """What runs now counts, not which files there are: clients, then systemd-networkd's own word."""
    clients = {
        found["interface"] for found in map(_CLIENT.fullmatch, reader.run(*CLIENTS).stdout.splitlines()) if found
    }
    configured = set(_configured(reader)) if reader.names(NETIF) else set()
    found = reader.run(*NMCLI).stdout.splitlines()
    for name, link in kernel.links.items():
        if name in configured:
            yield name, "systemd-networkd"
        elif f"{name}:connected" in found:
            yield name, "NetworkManager"
        elif name in clients:
            yield name, "dhclient"
        elif link.addresses and name != "lo":
            yield name, "ifupdown"


def _configured(reader: Reader) -> Iterator[str]:
    done = reader.run(*NETWORKCTL)
    if done.rc != 0:
        raise Unreadable(f"systemd-networkd does not tell which interfaces it manages: {done.stderr.strip()}.")
    for row in map(str.split, done.stdout.splitlines()):
        if len(row) > 4 and row[4] in ("configured", "configuring"):
            yield row[1]


def _cloud_init(reader: Reader) -> bool:
    """Whether it is installed and has not been told to leave the network alone."""
    if reader.read(CONFIG) is None or reader.entry(DISABLED) is not None:
        return False
    texts = [reader.read(f"{DIRECTORY}/{name}") or "" for name in reader.names(DIRECTORY) if name.endswith(".cfg")]
    return not any(_DISABLED.search(text) for text in (reader.read(CONFIG) or "", *texts))
