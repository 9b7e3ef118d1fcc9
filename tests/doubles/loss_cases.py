"""Sites that went wrong in public, each with the smallest answers that show it, as a reading for the table of losses.

What a case has no file for was not asked, unless the test says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Optional

import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import (
    parse_options,
    parse_quorumtool,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.host import Address
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.outlook import parse_outlook
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import parse_connections
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    CephReading,
    NodeReading,
    Reading,
)

from . import ceph_cases

#: The rule that Ceph begins with; the pools of cases that show none use it.
BY_HOST = {
    "rule_id": 0,
    "rule_name": "replicated_rule",
    "steps": [{"op": "take", "item_name": "default"}, {"op": "chooseleaf_firstn", "type": "host"}, {"op": "emit"}],
}
CASES = Path(__file__).parent.parent / "unit" / "cases"


def folder(name: str) -> Path:
    return next(path for path in (CASES / "losses" / name, CASES / "ceph" / name) if path.exists())


def text(name: str, file: str) -> Optional[str]:
    path = folder(name) / file
    return path.read_text() if path.exists() else None


def document(name: str, file: str) -> Any:
    return json.loads(text(name, file) or "null")


def right(name: str) -> Any:
    return yaml.safe_load(text(name, "right.yml") or "")["expect"]


def answered(value: Any) -> Answer[Any]:
    return Answer() if value is None else Answer(value, "pve1", 0.0, "")


def cluster_reading(name: str, status: str = "pvecm-status.out") -> Reading:
    """What corosync says in a case, from its files."""
    conf = text(name, "corosync.conf") or ""
    config = parse_corosync_conf(conf)
    quorum = parse_quorumtool(text(name, status) or "")
    nodes = [NodeReading(one.name, one.nodeid, reached=True, quorum=answered(quorum)) for one in config.members]
    for number, node in enumerate(nodes):
        links = text(name, f"cfgtool-n-{node.name}.out")
        connections = answered(None if links is None else parse_connections(links))
        nodes[number] = replace(node, connections=connections, addresses=answered(_addresses(node.name, config)))
    return Reading(0.0, tuple(nodes), config=answered(config), options=answered(parse_options(conf)))


def _addresses(name: str, config: Any) -> tuple[Address, ...]:
    member = config.member(name)
    return tuple(Address(f"eno{link}", ip_address(text), 24) for link, text in member.links.items())


def with_nodes(reading: Reading, **changes: Mapping[str, Any]) -> Reading:
    """Fields of nodes, by name of the node."""
    return replace(reading, nodes=tuple(replace(node, **changes.get(node.name, {})) for node in reading.nodes))


def ceph_reading(name: str, groups: str = "pg_ls", **changes: Any) -> Reading:
    """What Ceph says in a case. Its nodes are the hosts of the OSDs, and those named in ``nodes``."""
    answers = ceph_cases.answers(name, groups)
    fs_dump = document(name, "fs_dump.json")
    answers["osd crush rule dump"] = answers["osd crush rule dump"] or [BY_HOST]
    if fs_dump is not None:
        answers["fs dump"] = fs_dump
    answers.update(changes.pop("answers", {}))
    config = document(name, "config.json") or {}
    answers["config dump"] = [{"section": "mon", "name": key, "value": config[key]} for key in config]
    data = parse_data(answers)
    outlook = parse_outlook(answers, changes.pop("down_for", None))
    hosts = {osd.host for osd in data.cluster.osds if osd.host} | set(changes.pop("nodes", ()))
    ceph = replace(CephReading(data, outlook), **changes)
    nodes = tuple(NodeReading(host, number + 1, reached=True) for number, host in enumerate(sorted(hosts)))
    return Reading(0.0, nodes, has_ceph=answered(True), ceph=answered(ceph))
