"""Nodes of a cluster of two that come to vote with a quorum device, and the host of that: test doubles."""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster import qdevice as names

from . import cluster_nodes as lab
from .support import FakeNode, printed

NET = "net {\n      algorithm: ffsplit\n      host: 10.10.1.14\n    }"
NAMED = lab.TWO.replace("quorum {", f"quorum {{\n  device {{\n    model: net\n    {NET}\n    votes: 1\n  }}", 1)


def tally(flags: str, device: str) -> str:
    """What `corosync-quorumtool -l` of corosync 3.1 prints on the first of two nodes."""
    return (
        "\nMembership information\n----------------------\n    Nodeid      Votes    Qdevice Name\n"
        f"         1          1 {flags:>10} pve1 (local)\n         2          1 {flags:>10} pve2\n{device}\n"
    )


VOTES = tally("A,V,NMW", "         0          1            Qdevice")
#: When the host of the device has gone.
SILENT = tally("A,NV,NMW", "         0          0            Qdevice (votes 1)")
TALLY = ("corosync-quorumtool", "-l")
DATABASE = f"{names.DATABASE}/cert9.db"
CERTUTIL = ("certutil", "-L", "-d", names.DATABASE, "-n", "Cluster Cert")


def params(**changes: Any) -> dict[str, Any]:
    return {"state": "voting", "host": "10.10.1.14", "lead": False, "ca": None, "certificate": None, **changes}


def node(config: str = lab.TWO, number: int = 1, told: str = VOTES) -> FakeNode:
    """A member of a cluster of two; what certutil and systemctl do to it is described here."""
    found = lab.member(number, config, lab.STATUS_REMOVED)
    found.commands[TALLY] = lambda at: printed(told if names.ENABLED in at.files else SILENT)
    found.commands[CERTUTIL] = lambda at: (
        printed("") if "Cluster Cert" in at.files.get(DATABASE, "") else Completed(255, "", "")
    )
    found.commands["systemctl", "is-active", names.NODE_SERVICE] = lambda at: printed(
        "active\n" if names.ENABLED in at.files else "inactive\n"
    )
    for path in (names.REQUEST, names.CERTIFICATE):
        found.commands["base64", "--wrap=0", path] = _content(path)
    found.effects = {**found.effects, **EFFECTS}
    return found


def _content(path: str) -> Any:
    return lambda at: printed(at.files[path])


def _put(path: str, text: str) -> Any:
    def effect(at: FakeNode) -> None:
        at.files[path] = text

    return effect


def _import_signed(at: FakeNode) -> None:
    at.files[DATABASE] = "Cluster Cert"
    at.files[names.BUNDLE] = "key"


def _aside(at: FakeNode) -> None:
    for path in (DATABASE, names.REQUEST, names.BUNDLE):
        at.files.pop(path, None)


EFFECTS: dict[tuple[str, ...], Any] = {
    ("apt-get",): _put("/usr/sbin/corosync-qdevice", ""),
    ("corosync-qdevice-net-certutil", "-i"): _put(DATABASE, "empty"),
    ("corosync-qdevice-net-certutil", "-r"): _put(names.REQUEST, "REQUEST"),
    ("corosync-qdevice-net-certutil", "-M"): _import_signed,
    ("corosync-qdevice-net-certutil", "-m"): _put(DATABASE, "Cluster Cert"),
    ("cp", names.BUNDLE): _put(names.SHARED_BUNDLE, "key"),
    ("mv",): _aside,
    ("systemctl", "enable", names.NODE_SERVICE): _put(names.ENABLED, ""),
    ("systemctl", "restart", names.NODE_SERVICE): lambda at: None,
    ("systemctl", "disable", "--now", names.NODE_SERVICE): lambda at: at.files.pop(names.ENABLED),
}


def outside(installed: bool = False, cluster: Optional[str] = None) -> FakeNode:
    at = lab.bare(4)
    request, certificate = names.server_request("lab"), names.server_certificate("lab")
    at.effects = {
        ("apt-get",): _put("/usr/bin/corosync-qnetd", ""),
        ("systemctl", "enable", "--now", names.SERVER_SERVICE): lambda one: None,
        ("corosync-qnetd-certutil", "-s", "-c", request, "-n", "lab"): _put(certificate, "SIGNED"),
    }
    at.commands["systemctl", "is-active", names.SERVER_SERVICE] = printed("active\n")
    for path in (request, certificate):
        at.commands["base64", "--wrap=0", path] = _content(path)
    if installed:
        at.files["/usr/bin/corosync-qnetd"] = ""
    if cluster is not None:
        at.files[lab.CONFIG] = lab.TWO
    return at
