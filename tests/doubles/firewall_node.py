"""Nodes with one /etc/pve, and the guard of each: a change that is not confirmed is taken back for all."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.files import CLUSTER_FILE
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.firewall import KEPT, RECORD, UNITS

from .support import FakeNode, printed

ADDRESSES = [
    {
        "ifname": "vmbr0",
        "mtu": 1500,
        "addr_info": [{"family": "inet", "local": "172.16.1.2", "prefixlen": 24}],
    }
]


class FirewallNode(FakeNode):
    """``confirms``: whether the connection is new."""

    def __init__(self, cluster: str = "", host: str = "", **files: str) -> None:
        given = {CLUSTER_FILE: cluster, "/etc/pve/nodes/pve1/host.fw": host}
        super().__init__({path: text for path, text in given.items() if text})
        self.files.update({"/proc/sys/kernel/hostname": "pve1\n", **files})
        self.confirms = True
        self.commands = {
            ("getent", "ahosts", "pve1"): printed("172.16.1.2 STREAM pve1\n"),
            ("ip", "-json", "address"): printed(json.dumps(ADDRESSES)),
            ("iptables", "-S", "PVEFW-HOST-IN"): printed("-N PVEFW-HOST-IN\n"),
            ("own_connection",): printed("172.16.1.50 50311 172.16.1.2 2222\n"),
            ("/usr/sbin/sshd", "-T"): printed("port 2222\nlistenaddress 0.0.0.0:2222\n"),
        }
        places = (KEPT, UNITS)
        self.effects = {
            ("firewall_guard", "arm", *places): lambda dummy: self._arm(),
            ("firewall_guard", "write", *places): lambda dummy: self._write(),
            ("firewall_guard", "confirm", *places): lambda dummy: self._confirm(),
        }

    @property
    def record(self) -> dict[str, Any]:
        return dict(json.loads(self.files[RECORD]))

    def undo(self) -> None:
        """As the timer does it."""
        if RECORD in self.files:
            for one in self.record["files"]:
                self._put(one["path"], one["old"])
            del self.files[RECORD]

    def _put(self, path: str, text: Any) -> None:
        self.files.pop(path, None)
        if text is not None:
            self.files[path] = text

    def _arm(self) -> None:
        self.undo()
        change = json.loads(str(self.stepping.stdin))
        for one in change["files"]:
            one["old"] = self.files.get(one["path"])
        self.files[RECORD] = json.dumps({**change, "state": "armed"})

    def _write(self) -> None:
        for one in self.record["files"]:
            if one["mine"]:
                self._put(one["path"], one["text"])
        self.files[RECORD] = json.dumps({**self.record, "state": "pending"})

    def _confirm(self) -> None:
        assert self.confirms, "this connection is not new"
        del self.files[RECORD]

    def act(self, step: Any) -> None:
        self.stepping = step.action
        super().act(step)
