"""Sites that went wrong in public, each with the smallest answers that show it, as a reading for the table of losses.

What a case has no file for was not asked, unless the test says otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Optional

import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.quorum import (
    QuorumStatus,
    parse_options,
    parse_quorumtool,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.running_links import (
    connections_of,
    parse_links,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.host import Address
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import StorageEntry, parse_storages
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.outlook import parse_outlook
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest import guests, ha
from ansible_collections.baremetal.virt.plugins.module_utils.site.losses.reading import (
    Answer,
    CephReading,
    HaReading,
    LrmStatus,
    NodeReading,
    PlacedGuest,
    Reading,
)

from . import ceph_cases
from .support import FakeNode

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
        connections = answered(None if links is None else connections_of(parse_links(links, {})))
        nodes[number] = replace(node, connections=connections, addresses=answered(_addresses(node.name, config)))
    return Reading(0.0, tuple(nodes), config=answered(config), options=answered(parse_options(conf)))


def _addresses(name: str, config: Any) -> tuple[Address, ...]:
    member = config.member(name)
    links = [Address(f"eno{link}", ip_address(text), 24) for link, text in member.links.items()]
    return (*links, Address("ceph", ip_address(f"10.10.2.1{member.nodeid}"), 24))


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


def mesh(*names: str, links: int = 1, **status: Any) -> Reading:
    """A cluster whose links are all connected; every node has a vote, and the address 10.9LINK.0.NUMBER on a link."""
    numbers = {name: number + 1 for number, name in enumerate(names)}
    sections = "".join(_node_section(name, number, links) for name, number in numbers.items())
    conf = f"totem {{\n version: 2\n}}\nquorum {{\n}}\nnodelist {{\n{sections}}}\n"
    config = parse_corosync_conf(conf)
    count = len(names)
    members = dict.fromkeys(numbers.values(), 1)
    quorum = QuorumStatus(True, count, count, count // 2 + 1, members, frozenset(("Quorate",)))
    nodes = [
        NodeReading(
            name,
            number,
            reached=True,
            addresses=answered(_addresses(name, config)),
            quorum=answered(replace(quorum, **status)),
            connections=answered({other: dict.fromkeys(range(links), True) for other in members if other != number}),
            lrm=answered(LrmStatus("wait_for_agent_lock")),
            disks=answered(()),
            memory=answered(64 << 30),
            replicas=answered(()),
            images=answered(frozenset()),
        )
        for name, number in numbers.items()
    ]
    return Reading(
        0.0,
        tuple(nodes),
        config=answered(config),
        options=answered(parse_options(conf)),
        has_ceph=answered(False),
        guests=answered(()),
        ha=answered(HaReading()),
        storages=answered({}),
        mappings=answered(()),
        replication=answered(()),
        services=answered({}),
        names=answered({name: (f"10.90.0.{number}",) for name, number in numbers.items()}),
        migration=answered(""),
    )


def _node_section(name: str, number: int, links: int) -> str:
    rings = "".join(f"  ring{link}_addr: 10.9{link}.0.{number}\n" for link in range(links))
    return f" node {{\n  name: {name}\n  nodeid: {number}\n  quorum_votes: 1\n{rings} }}\n"


def guests_of(
    rows: Iterable[Mapping[str, Any]], configs: Mapping[int, str], storages: Mapping[str, StorageEntry]
) -> tuple[PlacedGuest, ...]:
    """``rows``: what /cluster/resources tells. Guests have no addresses of their own."""
    told = [{"type": "qemu", **row} for row in rows]
    found = []
    for row in told:
        vmid, node = row["vmid"], row["node"]
        files = {f"/etc/pve/nodes/{node}/qemu-server/{vmid}.conf": configs.get(vmid, "")}
        guest = guests.on(FakeNode(files), node, {vmid: guests.Place(node, "qemu")}, storages, told)[0]
        found.append(PlacedGuest(guest, node, ()))
    return tuple(found)


def guest_configs(name: str) -> dict[int, str]:
    """``100 scsi0: vms:vm-100-disk-0, ide2: ...``: one guest a line."""
    lines = (text(name, "guests.txt") or "").splitlines()
    found = (line.partition(" ")[::2] for line in lines if line.strip())
    return {int(vmid): re.sub(r", (?=\w+: )", "\n", told) + "\n" for vmid, told in found}


def ha_of(name: str) -> HaReading:
    files = {
        "/etc/pve/ha/resources.cfg": text(name, "resources.cfg") or text(name, "ha-resources.cfg"),
        "/etc/pve/ha/rules.cfg": text(name, "ha-rules.cfg"),
        "/etc/pve/ha/manager_status": text(name, "manager_status.json"),
    }
    return HaReading(ha.observe(FakeNode({path: found for path, found in files.items() if found})))


def storages_of(name: str) -> dict[str, StorageEntry]:
    return dict(parse_storages(text(name, "storage.cfg") or "").entries)
