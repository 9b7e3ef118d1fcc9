"""Addresses that the cluster itself keeps: the gateways of its subnets, and those that are given out by hand."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

from pve_standin.core.cfs import cfs_read, cfs_write
from pve_standin.sdn import config

_FILE = f"{config.FOLDER}/pve-ipam-state.json"
Row = dict[str, Any]


def given() -> list[Row]:
    return list(json.loads(cfs_read(_FILE) or "[]"))


def rows() -> list[Row]:
    zones, vnets = config.read("zones"), config.read("vnets")
    found: list[Row] = []
    for name, one in sorted(config.read("subnets").items()):
        zone = vnets.get(one["vnet"], {}).get("zone", "")
        if "ipam" in zones.get(zone, {}) and "gateway" in one:
            network, _, mask = name.partition("-")[2].rpartition("-")
            row = {"zone": zone, "vnet": one["vnet"], "subnet": f"{network}/{mask}", "ip": one["gateway"], "gateway": 1}
            found.append(row)
    return [*found, *given()]


def give(zone: str, vnet: str, ip: str, mac: str) -> None:
    for name, one in sorted(config.read("subnets").items()):
        network, _, mask = name.partition("-")[2].rpartition("-")
        cidr = f"{network}/{mask}"
        if one["vnet"] == vnet and ipaddress.ip_address(ip) in ipaddress.ip_network(cidr, strict=False):
            row = {"zone": zone, "vnet": vnet, "subnet": cidr, "ip": ip, "mac": mac}
            cfs_write(_FILE, json.dumps([*given(), row]))
            return


def take(vnet: str, ip: str) -> None:
    cfs_write(_FILE, json.dumps([row for row in given() if (row["vnet"], row["ip"]) != (vnet, ip)]))
