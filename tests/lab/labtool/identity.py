"""Who is who: the lab's login key, every node's host keys, and the file they are pinned in."""

from __future__ import annotations

import uuid
from pathlib import Path

from .addresses import management_address, node_name
from .settings import Lab
from .shell import in_parallel, run

HOST_KEY_TYPES = ("ed25519", "rsa")


def login_key(lab: Lab) -> Path:
    return lab.state / "ssh" / "id_ed25519"


def known_hosts(lab: Lab) -> Path:
    return lab.state / "ssh" / "known_hosts"


def host_key(lab: Lab, node: int, kind: str) -> Path:
    return lab.state / "ssh" / node_name(node) / f"ssh_host_{kind}_key"


def machine_id(lab: Lab, node: int) -> str:
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{node_name(node)}.{lab.name}.lab.test").hex


def ensure(lab: Lab) -> None:
    """Make the keys that are missing and pin the host keys of all nodes."""
    login_key(lab).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _generate(login_key(lab), "ed25519", f"lab-{lab.name}")
    pins = in_parallel(lambda node: _host_keys(lab, node), lab.numbers)
    known_hosts(lab).write_text("".join(pins))


def renew(lab: Lab, node: int) -> None:
    """Other host keys for a node, pinned in place of the old ones."""
    for kind in HOST_KEY_TYPES:
        key = host_key(lab, node, kind)
        for path in (key, key.with_suffix(".pub")):
            path.unlink(missing_ok=True)
    ensure(lab)


def _host_keys(lab: Lab, node: int) -> str:
    """Make one node's host keys; the lines that pin them."""
    lines = []
    for kind in HOST_KEY_TYPES:
        key = host_key(lab, node, kind)
        key.parent.mkdir(mode=0o700, exist_ok=True)
        _generate(key, kind, f"root@{node_name(node)}")
        algorithm, public = key.with_suffix(".pub").read_text().split()[:2]
        lines.append(f"{management_address(node)},{node_name(node)} {algorithm} {public}\n")
    return "".join(lines)


def _generate(key: Path, kind: str, comment: str) -> None:
    if not key.exists():
        size = ["-b", "2048"] if kind == "rsa" else []
        run(["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", comment, "-f", key])


def ssh_options(lab: Lab) -> list[str]:
    """ssh options that reach a node from anywhere on this machine and accept only its pinned key."""
    proxy = f"nsenter --net=/run/netns/{lab.namespace} nc %h %p"
    return [
        "-o",
        f"UserKnownHostsFile={known_hosts(lab)}",
        "-o",
        "GlobalKnownHostsFile=/dev/null",
        "-o",
        "StrictHostKeyChecking=yes",
        "-o",
        f"ProxyCommand={proxy}",
    ]
