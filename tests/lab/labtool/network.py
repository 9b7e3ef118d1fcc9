"""Namespaces, bridges and cables of one lab. Nothing of it is visible in the host's own namespace."""

from __future__ import annotations

import json
from pathlib import Path

from .addresses import LINKS, PREFIX_LENGTH, SERVER, Link
from .namespace import NAMESPACES
from .settings import Lab
from .shell import run


def _batch(namespace: str, lines: list[str]) -> None:
    run(["ip", "-n", namespace, "-batch", "-"], stdin="\n".join(lines) + "\n")


def _exists(namespace: str) -> bool:
    return (NAMESPACES / namespace).exists()


def _has_link(namespace: str, name: str) -> bool:
    return f" {name}@" in run(["ip", "-n", namespace, "-o", "link", "show", "type", "veth"])


def up(lab: Lab) -> None:
    """The lab's namespace with its bridges, and one namespace with its cables for every node."""
    if not _exists(lab.namespace):
        run(["ip", "netns", "add", lab.namespace])
        lines = ["link set lo up"]
        for link in LINKS:
            lines += [f"link add {link.bridge} type bridge", f"link set {link.bridge} up"]
        lines.append(f"addr add {SERVER}/{PREFIX_LENGTH} dev {LINKS[0].bridge}")
        _batch(lab.namespace, lines)
    for node in lab.numbers:
        _node_up(lab, node)


def _node_up(lab: Lab, node: int) -> None:
    namespace = lab.node_namespace(node)
    if not _exists(namespace):
        run(["ip", "netns", "add", namespace])
        run(["ip", "-n", namespace, "link", "set", "lo", "up"])
    for link in LINKS:
        if not _has_link(lab.namespace, link.cable(node)):
            _plug_in(lab, node, link)


def _plug_in(lab: Lab, node: int, link: Link) -> None:
    namespace = lab.node_namespace(node)
    cable = link.cable(node)
    _batch(
        lab.namespace,
        [
            f"link add {cable} type veth peer name {link.interface} netns {namespace}",
            f"link set {cable} master {link.bridge}",
            f"link set {cable} up",
        ],
    )
    _batch(
        namespace,
        [
            f"addr replace {link.address(node)}/{PREFIX_LENGTH} dev {link.interface}",
            f"link set {link.interface} up",
        ],
    )


def set_cable(lab: Lab, node: int, link: Link, connected: bool) -> None:
    """Pull or plug one cable at the lab's end; the node sees the carrier go or come."""
    run(["ip", "-n", lab.namespace, "link", "set", link.cable(node), "up" if connected else "down"])


def is_connected(lab: Lab, node: int, link: Link) -> bool:
    if not _exists(lab.namespace) or not _has_link(lab.namespace, link.cable(node)):
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
