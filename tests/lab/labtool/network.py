"""Namespaces, bridges and cables of one lab. Nothing of it is visible in the host's own namespace."""

from __future__ import annotations

import json
from pathlib import Path

from .addresses import FOR_GUESTS, LINKS, PREFIX_LENGTH, SERVER, Link, node_number
from .namespace import NAMESPACES
from .settings import Lab
from .shell import run

LINK_LOCAL = "0xfffd"
"""Groups 01:80:c2:00:00:00 to 0f that a direct cable passes on: all but 01, PAUSE, which no bridge may."""

LARGE = 9000
"""Bytes of the packets that the cables for guests carry, where nodes have kernels of their own."""


def batch(namespace: str, lines: list[str]) -> None:
    """Several `ip` commands inside a namespace, one a line."""
    run(["ip", "-n", namespace, "-batch", "-"], stdin="\n".join(lines) + "\n")


def _exists(namespace: str) -> bool:
    return (NAMESPACES / namespace).exists()


def has_link(namespace: str, name: str) -> bool:
    links = json.loads(run(["ip", "-n", namespace, "-json", "link", "show"]))
    return any(link["ifname"] == name for link in links)


def up(lab: Lab) -> None:
    """The lab's namespace with its bridges, and one namespace with its cables for every node; makes what is missing."""
    _namespace(lab.namespace)
    for link in lab.links:
        if not has_link(lab.namespace, link.bridge):
            run(["ip", "-n", lab.namespace, "link", "add", link.bridge, "type", "bridge"])
    lines = [f"link set {link.bridge} up" for link in lab.links]
    batch(lab.namespace, [*lines, f"addr replace {SERVER}/{PREFIX_LENGTH} dev {LINKS[0].bridge}"])
    for node in lab.numbers:
        _node_up(lab, node)


def _namespace(name: str) -> None:
    if not _exists(name):
        run(["ip", "netns", "add", name])
    run(["ip", "-n", name, "link", "set", "lo", "up"])


def _node_up(lab: Lab, node: int) -> None:
    namespace = lab.node_namespace(node)
    _namespace(namespace)
    for link in lab.links:
        if not has_link(lab.namespace, link.cable(node)):
            _plug_in(lab, node, link)


def _plug_in(lab: Lab, node: int, link: Link) -> None:
    """One cable, ready at the node's end before the lab's end exists under its final name."""
    namespace = lab.node_namespace(node)
    cable = link.cable(node)
    if has_link(lab.namespace, f"{cable}-new"):
        run(["ip", "-n", lab.namespace, "link", "delete", f"{cable}-new"])  # a killed run's
    batch(
        lab.namespace,
        [
            f"link add {cable}-new type veth peer name {link.interface} netns {namespace}",
            f"link set {cable}-new master {link.bridge}",
        ],
    )
    if lab.own_kernel and link in FOR_GUESTS:
        batch(lab.namespace, [f"link set {cable}-new mtu {LARGE}"])
    batch(namespace, _end(lab, node, link))
    batch(lab.namespace, [f"link set {cable}-new name {cable}", f"link set {cable} up"])


def _end(lab: Lab, node: int, link: Link) -> list[str]:
    """The node's end has the node's address, unless the node sets it itself, or its own kernel has the packets."""
    if lab.own_kernel:
        return _tapped(link)
    if lab.own_network:
        return [f"link set {link.interface} down"]
    address = f"addr replace {link.address(node)}/{PREFIX_LENGTH} dev {link.interface}"
    return [address, f"link set {link.interface} up"]


def _tapped(link: Link) -> list[str]:
    """A tap device passes everything on as it was, tags of VLANs too, which a socket on the cable itself loses."""
    bridge, ends = f"socket{link.number}", (link.interface, link.tap)
    return [
        f"tuntap add dev {link.tap} mode tap",
        f"link add {bridge} type bridge",
        f"link set {bridge} addrgenmode none up",
        *(f"link set {end} addrgenmode none mtu {LARGE if link in FOR_GUESTS else 1500}" for end in ends),
        *(f"link set {end} master {bridge} up" for end in ends),
        *(f"link set {end} type bridge_slave group_fwd_mask {LINK_LOCAL}" for end in ends),
    ]


def plug(lab: Lab, node: int, link: Link, to: str) -> None:
    """Put a cable into another network, or into the same interface of another node, past any switch."""
    cable = link.cable(node)
    if to in {one.bridge for one in lab.links}:
        batch(lab.namespace, [f"link set {cable} master {to}"])
        return
    direct, other = f"direct-{link.number}-{node}", link.cable(node_number(to))
    if not has_link(lab.namespace, direct):
        run(["ip", "-n", lab.namespace, "link", "add", direct, "type", "bridge"])
    batch(lab.namespace, [f"link set {end} master {direct}" for end in (cable, other)] + [f"link set {direct} up"])
    for end in (cable, other):  # LACP and its like pass no bridge that is not told so
        run(["ip", "-n", lab.namespace, "link", "set", end, "type", "bridge_slave", "group_fwd_mask", LINK_LOCAL])


def set_cable(lab: Lab, node: int, link: Link, connected: bool) -> None:
    """Pull or plug one cable at the lab's end; the node sees the carrier go or come."""
    run(["ip", "-n", lab.namespace, "link", "set", link.cable(node), "up" if connected else "down"])


def layer(lab: Lab) -> dict[str, str]:
    """A container's /sys tells of the interfaces of its host, and ifupdown2 believes it: the node's own stand there."""
    if not lab.own_network:
        return {}
    commands = ["mkdir -p /run/lab-sysfs", "mount -t sysfs sysfs /run/lab-sysfs"]
    commands += [f"mount --bind /run/lab-sysfs/{path} /sys/{path}" for path in ("class/net", "devices/virtual/net")]
    unit = [
        "[Unit]\nDescription=The node's own interfaces in /sys\nDefaultDependencies=no",
        "Before=sysinit.target network-pre.target\nWants=network-pre.target\n",
        "[Service]\nType=oneshot\nRemainAfterExit=yes",
        *(f"ExecStart={command}" for command in commands),
    ]
    return {
        "etc/systemd/system/lab-sysfs.service": "\n".join(unit) + "\n",
        "etc/systemd/system/sysinit.target.d/lab-sysfs.conf": "[Unit]\nWants=lab-sysfs.service\n",
    }


def set_power(lab: Lab, node: int, on: bool) -> None:
    """The node's own interfaces: its namespace outlives it, and would answer to pings while the node is off."""
    if on and lab.own_network and not lab.own_kernel:
        return
    state = "up" if on else "down"
    batch(lab.node_namespace(node), [f"link set {link.interface} {state}" for link in lab.links])
    if not on and lab.own_network and not lab.own_kernel:
        _forget_network(lab, node)


def _forget_network(lab: Lab, node: int) -> None:
    """What a kernel forgets with the power: what was made of the interfaces, and what was set on them."""
    namespace = lab.node_namespace(node)
    cables = {link.interface for link in lab.links}
    listed = json.loads(run(["ip", "-n", namespace, "-json", "link", "show"]))
    made = [link["ifname"] for link in listed if link["ifname"] not in cables | {"lo"}]
    for name in made:  # one takes another with it
        run(["ip", "-n", namespace, "link", "delete", name], check=False)
    lines = [f"link set {cable} nomaster mtu 1500" for cable in sorted(cables)]
    batch(namespace, [*lines, *(f"addr flush dev {cable}" for cable in sorted(cables))])


def is_connected(lab: Lab, node: int, link: Link) -> bool:
    if not _exists(lab.namespace) or not has_link(lab.namespace, link.cable(node)):
        return False
    shown = json.loads(run(["ip", "-n", lab.namespace, "-json", "link", "show", link.cable(node)]))
    return "UP" in shown[0]["flags"]


def namespaces(lab: Lab) -> list[str]:
    """Every namespace of this lab that exists, whatever lab.json says."""
    listed = sorted(path.name for path in NAMESPACES.glob("*")) if NAMESPACES.exists() else []
    return [name for name in listed if name == lab.namespace or name.startswith(f"{lab.namespace}-")]


def down(lab: Lab) -> None:
    """Remove the lab's namespaces; bridges and cables go with them."""
    for name in namespaces(lab):
        run(["ip", "netns", "delete", name])


def namespace_path(lab: Lab, node: int) -> Path:
    return NAMESPACES / lab.node_namespace(node)
