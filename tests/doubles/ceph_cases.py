"""Clusters that went wrong in public, each with the smallest answers of Ceph that show it and with what is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.ceph.safety import CephData
from ansible_collections.baremetal.virt.plugins.module_utils.observe.ceph.safety import parse_data

CASES = Path(__file__).parent.parent / "unit" / "cases" / "ceph"
#: What every cluster answers to what a case is not about.
PLAIN: dict[str, Any] = {
    "status": {"fsid": "f", "health": {"status": "HEALTH_OK", "checks": {}}, "quorum_names": ["pve1", "pve2", "pve3"]},
    "osd dump": {"osds": [], "pools": []},
    "osd tree": {"nodes": []},
    "osd crush rule dump": [],
    "fs dump": {"standbys": [], "filesystems": []},
    "node ls": {},
    "config dump": [],
    "mon dump": {"mons": [{"name": f"pve{number}", "addr": f"10.0.0.{number}:6789/0"} for number in (1, 2, 3)]},
    "entities": [],
}
POOL = {"pg_num_target": 16, "pg_autoscale_mode": "on", "application_metadata": {}, "flags_names": "", "options": {}}
FILES = {"osd_tree": "osd tree", "crush_rules": "osd crush rule dump", "osd_df": "osd df"}


def case(name: str, file: str) -> Any:
    text = (CASES / name / file).read_text()
    return yaml.safe_load(text) if file.endswith(".yml") else json.loads(text)


def right(name: str) -> Any:
    return case(name, "right.yml")["expect"]


def answers(name: str, groups: str = "pg_ls") -> dict[str, Any]:
    """What ``ask_ceph data`` would print there."""
    found: dict[str, Any] = json.loads(json.dumps(PLAIN))
    for path in (CASES / name).glob("*.json"):
        if path.stem in FILES:
            found[FILES[path.stem]] = case(name, path.name)
    dump = case(name, "osd_dump.json")
    dump["osds"] = [{"uuid": f"uuid-{osd['osd']}", **osd} for osd in dump["osds"]]
    dump["pools"] = [{**POOL, **pool} for pool in dump["pools"]]
    found["osd dump"] = dump
    if (CASES / name / f"{groups}.json").exists():
        found["pg dump"] = {"ready": True, "epoch": 0, "pgs": case(name, f"{groups}.json")["pg_stats"]}
    return found


def data(name: str, groups: str = "pg_ls") -> CephData:
    return parse_data(answers(name, groups))
