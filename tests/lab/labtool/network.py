"""Namespaces, bridges and cables of one lab. Nothing of it is visible in the host's own namespace."""

from __future__ import annotations

import json
from pathlib import Path

from .addresses import LINKS, PREFIX_LENGTH, SERVER, Link
from .namespace import NAMESPACES
from .settings import Lab
from .shell import run


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
    for link in LINKS:
        if not has_link(lab.namespace, link.bridge):
            run(["ip", "-n", lab.namespace, "link", "add", link.bridge, "type", "bridge"])
    lines = [f"link set {link.bridge} up" for link in LINKS]
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
    for link in LINKS:
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
    batch(
        namespace,
        [
            _end(lab, node, link),
            f"link set {link.interface} up",
        ],
    )
    batch(lab.namespace, [f"link set {cable}-new name {cable}", f"link set {cable} up"])


def _end(lab: Lab, node: int, link: Link) -> str:
    """The node's end has the node's address, unless a kernel of the node's own picks the packets up there."""
    if lab.own_kernel:
        return f"link set {link.interface} addrgenmode none"
    return f"addr replace {link.address(node)}/{PREFIX_LENGTH} dev {link.interface}"


def set_cable(lab: Lab, node: int, link: Link, connected: bool) -> None:
    """Pull or plug one cable at the lab's end; the node sees the carrier go or come."""
    run(["ip", "-n", lab.namespace, "link", "set", link.cable(node), "up" if connected else "down"])


def set_power(lab: Lab, node: int, on: bool) -> None:
    """The node's own interfaces: its namespace outlives it, and would answer to pings while the node is off."""
    state = "up" if on else "down"
    batch(lab.node_namespace(node), [f"link set {link.interface} {state}" for link in LINKS])


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
