"""Two racks behind two leaves and a spine, as they are declared, and as they are before anybody has declared them."""

from __future__ import annotations

import copy
from typing import Any

from .calico_fabric import CalicoFabric
from .calico_parts import rack

RACKS = {"node1": 1, "node2": 1, "node3": 1, "node4": 2, "node5": 2, "node6": 2}
ADDRESSES = {name: f"172.20.{number}.{11 + index % 3}" for index, (name, number) in enumerate(RACKS.items())}
ADDRESSES6 = {name: address.replace("172.20.", "fd00:20:").replace(".", "::") for name, address in ADDRESSES.items()}
SPINE = {
    "name": "spine",
    "asn": 65008,
    "links": [
        {"leaf": "leaf1", "address": "100.64.0.1", "leaf_address": "100.64.0.2"},
        {"leaf": "leaf2", "address": "100.64.0.5", "leaf_address": "100.64.0.6"},
    ],
}


def declared(topology: str = "route_reflector", **other: Any) -> dict[str, Any]:
    """The variable ``bgp_fabric``, with all options of the module."""
    groups = []
    for number in (1, 2):
        members = [name for name, behind in RACKS.items() if behind == number]
        groups.append(
            {
                "name": f"rr{number}",
                "asn": 64511 + number,
                "leaf": f"leaf{number}",
                "members": members,
                "reflectors": members[:2],
                "addresses": {name: ADDRESSES[name] for name in members},
                "cluster_ids": {},
                "own_as_allowed": 0,
            }
        )
    leaves = [{"name": f"leaf{number}", "asn": 65008 + number, "address": f"172.20.{number}.254"} for number in (1, 2)]
    return copy.deepcopy({"topology": topology, "groups": groups, "leaves": leaves, "spines": [SPINE], **other})


def declared6(topology: str = "route_reflector") -> dict[str, Any]:
    """The same in both families."""
    said = declared(topology)
    for group in said["groups"]:
        group["addresses6"] = {name: ADDRESSES6[name] for name in group["members"]}
    for number, leaf in enumerate(said["leaves"], 1):
        leaf["address6"] = f"fd00:20:{number}::fe"
        link = said["spines"][0]["links"][number - 1]
        link.update(address6=f"fd00:100:{number}::1", leaf_address6=f"fd00:100:{number}::2")
    return said


def options(topology: str = "route_reflector", **other: Any) -> dict[str, Any]:
    """What the module calico_bgp is given."""
    given = {"exclusive": False, "allow_restart": False, "timeout": 420, **other}
    return {"fabric": declared(topology), "backup_folder": "/backup", **given}


def fresh(both: bool = False) -> CalicoFabric:
    """A full mesh over both racks, with switches that expect every node. ``both``: nodes have IPv6, too."""
    spine = rack("spine", 65008, 9, {}, ("100.64.0.1", 0))
    first = {ADDRESSES[name]: 64512 for name, number in RACKS.items() if number == 1}
    second = {ADDRESSES[name]: 64513 for name, number in RACKS.items() if number == 2}
    first.update({ADDRESSES6[name]: 64512 for name, number in RACKS.items() if number == 1})
    second.update({ADDRESSES6[name]: 64513 for name, number in RACKS.items() if number == 2})
    switches = [
        rack("leaf1", 65009, 1, first, ("100.64.0.1", 65008)),
        rack("leaf2", 65010, 2, second, ("100.64.0.5", 65008)),
        type(spine)(
            "spine",
            65008,
            ("100.64.0.1", "100.64.0.5", "fd00:100:1::1", "fd00:100:2::1"),
            {"100.64.0.2": 65009, "100.64.0.6": 65010, "fd00:100:1::2": 65009, "fd00:100:2::2": 65010},
        ),
    ]
    return CalicoFabric(ADDRESSES, switches, nodes6=ADDRESSES6 if both else None)
