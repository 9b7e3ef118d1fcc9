"""What is not in the tree: who is a member, small values each node publishes, and the cluster log."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field

from pve_standin.cluster import corosync_conf

LOG_LIMIT = 500

logger = logging.getLogger("status")


@dataclass
class ClusterInfo:
    """The cluster as corosync.conf and the process group describe it."""

    name: str = ""
    version: int = 0
    ids: dict[str, int] = field(default_factory=dict)
    online: set[int] = field(default_factory=set)


class Status:
    """Shared by the mount, the control socket and the cluster thread."""

    def __init__(self, node: str, address: str) -> None:
        self._lock = threading.RLock()
        self.node = node
        self.address = address
        self.start_time = int(time.time())
        self.member_version = 0
        self.cluster: ClusterInfo | None = None
        self._quorate = False
        self._values: dict[str, dict[str, str]] = {node: {"nodeip": address}}
        self._log: deque[dict[str, object]] = deque(maxlen=LOG_LIMIT)
        self._log_uid = 0

    # quorum and members

    @property
    def quorate(self) -> bool:
        return self._quorate

    def set_quorate(self, quorate: bool) -> None:
        with self._lock:
            if quorate != self._quorate:
                self._quorate = quorate
                self.member_version += 1

    def load_conf(self, text: str) -> None:
        """Take the cluster's name, version and nodes from a corosync.conf; a broken one changes nothing."""
        try:
            conf = corosync_conf.parse(text)
            ids = {name: int(entry.get("nodeid", 0)) for name, entry in corosync_conf.nodes(conf).items()}
            version = corosync_conf.version(conf)
        except (corosync_conf.ConfError, ValueError) as error:
            logger.error("unable to parse corosync.conf: %s", error)
            return
        with self._lock:
            online = self.cluster.online if self.cluster else set()
            name = str(corosync_conf.totem(conf).get("cluster_name", ""))
            self.cluster = ClusterInfo(name, version, ids, online)
            self.member_version += 1

    def set_online(self, node_ids: set[int]) -> None:
        with self._lock:
            if self.cluster is not None and self.cluster.online != node_ids:
                self.cluster.online = set(node_ids)
                self.member_version += 1

    def members_text(self) -> str:
        """The content of .members."""
        with self._lock:
            lines = ["{", f'"nodename": "{self.node}",', f'"version": {self.member_version}']
            if self.cluster is not None:
                lines[-1] += ","
                lines += self._cluster_lines(self.cluster)
            return "\n".join([*lines, "}"]) + "\n"

    def _cluster_lines(self, cluster: ClusterInfo) -> list[str]:
        head = (
            f'"cluster": {{ "name": "{cluster.name}", "version": {cluster.version}, '
            f'"nodes": {len(cluster.ids)}, "quorate": {int(self.quorate)} }},'
        )
        rows = []
        for name, node_id in sorted(cluster.ids.items(), key=lambda item: item[1]):
            address = self._values.get(name, {}).get("nodeip")
            shown = f', "ip": "{address}"' if address else ""
            rows.append(f'  "{name}": {{ "id": {node_id}, "online": {int(node_id in cluster.online)}{shown}}}')
        return [head, '"nodelist": {', ",\n".join(rows), "  }"]

    # published values

    def set_value(self, node: str, key: str, value: str) -> None:
        with self._lock:
            previous = self._values.setdefault(node, {}).get(key)
            self._values[node][key] = value
            if key == "nodeip" and previous != value:
                self.member_version += 1

    def value(self, node: str, key: str) -> str | None:
        with self._lock:
            return self._values.get(node, {}).get(key)

    def values(self, key: str) -> dict[str, str]:
        """The value of every node that published one and is (still) a member."""
        with self._lock:
            known = set(self.cluster.ids) if self.cluster is not None else {self.node}
            return {name: held[key] for name, held in self._values.items() if key in held and name in known}

    def own_values(self) -> dict[str, str]:
        with self._lock:
            return dict(self._values[self.node])

    # cluster log

    def add_log(self, entry: dict[str, object]) -> None:
        with self._lock:
            self._log_uid += 1
            self._log.appendleft({"uid": self._log_uid, "time": int(time.time()), **entry})

    def log_text(self, limit: int = 50) -> str:
        with self._lock:
            rows = [json.dumps(entry) for entry in list(self._log)[:limit]]
        return '{\n"data": [\n' + ",\n".join(rows) + "\n]\n}\n"
