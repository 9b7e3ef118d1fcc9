"""What a node makes of the networks: the files that it writes, and what it says of them.

Only what belongs to each type of zone in the simplest case is written; no interface is made.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pve_standin.core import cfs, lab_faults, paths
from pve_standin.core.errors import ApiError
from pve_standin.sdn import config

_OLD_TOOL = "incompatible 'ifupdown2' package version '3.0.0-1.3'! Did you install from Proxmox repositories?"
_NOT_YET = "local sdn network configuration is not yet generated, please reload"
_TOO_OLD = "local sdn network configuration is too old, please reload"
Lines = list[str]


def interfaces(cfg: Mapping[str, Any]) -> str:
    """Gateways are those that run already, also where it is only asked what would be."""
    zones = cfg["zones"]["ids"]
    found: dict[str, Lines] = {}
    for name, vnet in sorted(cfg["vnets"]["ids"].items()):
        zone = zones.get(vnet["zone"])
        if zone is not None and _is_here(zone):
            subnets = [(key, one) for key, one in sorted(config.running_of("subnets").items()) if one["vnet"] == name]
            found.update(_vnet(name, vnet, zone, subnets))
    blocks = [f"\nauto {name}\niface {name}\n" + "".join(f"\t{one}\n" for one in found[name]) for name in sorted(found)]
    return f"#version:{cfg['version']}\n" + "".join(blocks)


def _is_here(zone: Mapping[str, Any]) -> bool:
    return "nodes" not in zone or cfs.nodename() in zone["nodes"].split(",")


def _vnet(name: str, vnet: Mapping[str, Any], zone: Mapping[str, Any], subnets: list[Any]) -> dict[str, Lines]:
    plain = ["bridge_stp off", "bridge_fd 0"]
    after = [f"mtu {zone['mtu']}"] if "mtu" in zone else []
    after += [f"alias {vnet['alias']}"] if "alias" in vnet else []
    if zone["type"] in ("vlan", "qinq"):
        tagged = f"{zone['bridge']}v{vnet.get('tag', '')}"
        return {
            f"ln_{name}": ["link-type veth", f"veth-peer-name pr_{name}"],
            f"pr_{name}": ["link-type veth", f"veth-peer-name ln_{name}"],
            tagged: [f"bridge_ports  pr_{name}", *plain],
            name: [f"bridge_ports ln_{name}", *plain, *after],
        }
    found = {}
    ports = "none"
    if zone["type"] in ("vxlan", "evpn"):
        ports = f"vxlan_{name}"
        peers = [f"vxlan_remoteip {one}" for one in str(zone.get("peers", "")).split(",") if one]
        found[ports] = [f"vxlan-id {vnet['tag']}", *peers]
    gateways = [f"address {one['gateway']}/{key.rpartition('-')[2]}" for key, one in subnets if "gateway" in one]
    return {**found, name: [*gateways, f"bridge_ports {ports}", *plain, *after]}


def frr(cfg: Mapping[str, Any]) -> str:
    lines = ["frr version 10.4.1", "frr defaults datacenter", f"hostname {cfs.nodename()}", "log syslog informational"]
    lines += ["service integrated-vtysh-config", "!"]
    for name, one in sorted(cfg["controllers"]["ids"].items()):
        if one["type"] == "isis" and one["node"] == cfs.nodename():
            lines += [f"router isis {one['isis-domain']}", f" net {one['isis-net']}", "exit", "!"]
        elif one["type"] == "evpn" or one.get("node") == cfs.nodename():
            group = "VTEP" if one["type"] == "evpn" else "BGP"
            peers = [f" neighbor {peer} peer-group {group}" for peer in str(one.get("peers", "")).split(",") if peer]
            lines += [f"router bgp {one['asn']}", f" ! {name}", f" neighbor {group} peer-group", *peers, "exit", "!"]
    return "\n".join([*lines, "line vty", "!"]) + "\n"


def has_frr(cfg: Mapping[str, Any]) -> bool:
    kinds = ("controllers", "fabrics")
    return any(cfg.get(kind, {}).get("ids") for kind in kinds) or paths.FRR_LOCAL.exists()


def reload(regenerate_frr: bool) -> None:
    """What `pvesh set /nodes/NODE/network` does: also what is staged of the node's own network is activated."""
    if lab_faults.take("network-reload-fails"):
        raise ApiError(500, _OLD_TOOL)
    if paths.INTERFACES_NEW.exists():
        paths.INTERFACES_NEW.replace(paths.INTERFACES)
    cfg = config.running()
    if cfg:
        _write(paths.INTERFACES_SDN, interfaces(cfg))
        if regenerate_frr and paths.FRR_CONF.parent.is_dir():
            _write(paths.FRR_CONF, frr(cfg))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def staged_changes() -> str:
    """The difference that the node's network page shows, where somebody has staged one."""
    return difference(paths.INTERFACES, _text(paths.INTERFACES_NEW)) if paths.INTERFACES_NEW.exists() else ""


def difference(path: Path, text: str) -> str:
    old, new = _text(path).splitlines(keepends=True), text.splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, f"/{path.relative_to(path.anchor)}", "/proc/489/fd/12")
    return "".join(lines)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def zone_states() -> dict[str, str]:
    cfg = config.running()
    state = "pending" if _behind(cfg) else "available"
    return {name: state for name, zone in sorted(cfg.get("zones", {}).get("ids", {}).items()) if _is_here(zone)}


def vnet_rows(zone: str) -> list[dict[str, str]]:
    cfg = config.running()
    told = _behind(cfg)
    said = {"status": "pending", "statusmsg": told} if told else {"status": "available"}
    vnets = cfg.get("vnets", {}).get("ids", {})
    return [{"vnet": name, **said} for name, one in sorted(vnets.items()) if one["zone"] == zone]


def _behind(cfg: Mapping[str, Any]) -> str:
    known = re.match(r"#version:(\d+)", _text(paths.INTERFACES_SDN))
    if known is None:
        return _NOT_YET
    return _TOO_OLD if int(known.group(1)) < cfg.get("version", 0) else ""
