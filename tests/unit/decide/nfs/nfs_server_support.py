"""A node that may become an NFS server, and what its exportfs would make of the managed file."""

from __future__ import annotations

from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.options import effective
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import EXPORTS_FILE
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.text import parse_exports, quote_path

from ....doubles.support import FakeNode, printed

ETAB = "/var/lib/nfs/etab"
DPKG = ("dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${db:Status-Status}\n")
ENABLED = ("systemctl", "is-enabled", "nfs-server.service")
ACTIVE = ("systemctl", "is-active", "nfs-server.service")
NETWORK = "10.10.2.0/24"
VALUED = ("mountpoint", "fsid", "squash_uids", "anonuid", "anongid", "xprtsec")


def export(path: str = "/srv/share", **changes: Any) -> dict[str, Any]:
    """An export as the validated module parameters hold it."""
    clients = [{"host": NETWORK, "options": None}]
    return {"path": path, "owner": None, "group": None, "mode": "0755", "clients": clients, "storage": None, **changes}


def params(*exports: dict[str, Any], **others: Any) -> dict[str, Any]:
    dangers = {"allow_any_client": False, "allow_insecure_ports": False, "allow_world_writable": False}
    return {"exports": list(exports), "networks": [], "threads": None, "versions": None, **dangers, **others}


def client(host: str = NETWORK, *options: str) -> dict[str, Any]:
    return {"host": host, "options": list(options) or None}


class Server(FakeNode):
    """A node with exportfs."""

    def act(self, step: Step) -> None:
        if isinstance(step.action, Run) and step.action.argv[:2] == ("exportfs", "-u"):
            withdraw(self, step.action.argv[2])
            self.performed.append(step)
        else:
            super().act(step)


def fresh() -> FakeNode:
    """Debian without an NFS server."""

    def install(node: FakeNode) -> None:
        node.commands[DPKG] = printed("nfs-kernel-server\t1:2.8.3-1\tinstalled\n")

    def start(node: FakeNode) -> None:
        node.commands.update({ENABLED: printed("enabled\n"), ACTIVE: printed("active\n")})
        node.files.pop(ETAB, None)  # the unit begins with exportfs -r
        hand_over(node)

    effects = {("apt-get",): install, ("systemctl", "enable"): start, ("exportfs", "-a"): hand_over}
    return Server(commands={DPKG: printed("bash\t5.2\tinstalled\n")}, effects=effects)


def hand_over(node: FakeNode) -> None:
    """exportfs -a: what the files declare goes into the table, with every option spelled out; other entries stay."""
    table: dict[str, str] = {}
    for path in ("/etc/exports", EXPORTS_FILE):
        for found in parse_exports(node.files.get(path, "")):
            for peer in found.clients:
                table.setdefault(f"{quote_path(found.path)}\t{peer.host}", spelled(peer.options))
    for line in node.files.get(ETAB, "").splitlines():
        entry, dummy, options = line.partition("(")
        table.setdefault(entry, options.rstrip(")"))
    node.files[ETAB] = "".join(f"{entry}({options})\n" for entry, options in table.items())


def withdraw(node: FakeNode, argument: str) -> None:
    """exportfs -u host:path, with an IPv6 address in brackets."""
    host, dummy, path = argument.partition(":/")
    entry = f"{quote_path('/' + path)}\t{host.replace('[', '').replace(']', '')}("
    lines = node.files[ETAB].splitlines(keepends=True)
    assert [line for line in lines if line.startswith(entry)], f"exportfs: Could not find '{argument}' to unexport."
    node.files[ETAB] = "".join(line for line in lines if not line.startswith(entry))


def spelled(options: tuple[str, ...]) -> str:
    """The options as exportfs writes them into its table."""
    means = effective(options)
    flags = [word for decides, word in means.whole.items() if decides not in VALUED]
    values = [f"{name}={means.whole[name]}" for name in VALUED if name in means.whole]
    groups = [f"sec={name}," + ",".join(decided.values()) for name, decided in means.flavours]
    return ",".join([*flags, *values, *groups])
