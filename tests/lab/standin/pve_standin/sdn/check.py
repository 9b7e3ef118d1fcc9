"""What upstream's plugins refuse of zones, vnets and controllers, in their words."""

from __future__ import annotations

from collections.abc import Mapping

from pve_standin.core.errors import ApiError, parameter_error
from pve_standin.sdn.config import Object, Objects

_REQUIRED = {
    "vlan": ("bridge",),
    "qinq": ("bridge", "tag"),
    "evpn": ("controller", "vrf-vxlan"),
}
_CONTROLLER = {
    "evpn": ("asn",),
    "bgp": ("asn", "node", "peers"),
    "isis": ("isis-domain", "isis-ifaces", "isis-net", "node"),
}
_WHERE = "/usr/share/perl5/PVE/Network/SDN"
_ONE_OF = "must have exactly one of peers / fabric defined"


def required(kind: str, type_: str, said: Mapping[str, object]) -> None:
    table = _REQUIRED if kind == "zones" else _CONTROLLER
    for name in table.get(type_, ()):
        if name not in said:
            raise ApiError(500, f"missing value for required option '{name}'")


def zone(name: str, zones: Objects, controllers: Objects) -> None:
    one = zones[name]
    if one["type"] == "vxlan" and bool(one.get("peers")) == bool(one.get("fabric")):
        raise parameter_error({"peers": _ONE_OF, "fabric": _ONE_OF})
    if one["type"] != "evpn":
        return
    where = f"at {_WHERE}/Zones/EvpnPlugin.pm line 354."
    if one["controller"] not in controllers:
        raise ApiError(500, f"controller {one['controller']} don't exist {where}")
    for other, known in sorted(zones.items()):
        if other != name and known.get("vrf-vxlan") == one["vrf-vxlan"]:
            raise ApiError(500, f"vrf-vxlan {one['vrf-vxlan']} is already declared in {other} {where}")
    one.setdefault("mac", "BC:24:11:00:00:01")


def vnet(name: str, vnets: Objects, zones: Objects) -> None:
    one = vnets[name]
    home = zones.get(one["zone"])
    if home is None:
        where = "/usr/share/perl5/PVE/API2/Network/SDN/Vnets.pm line 326."
        raise ApiError(500, f"cannot lookup undefined type! at {where}")
    tag, type_ = one.get("tag"), home["type"]
    if type_ == "simple" and tag is not None:
        raise parameter_error({"tag": "vlan tag is not allowed on simple zone"})
    if type_ in ("vlan", "vxlan", "evpn") and tag is None:
        raise parameter_error({"tag": f"missing {'vlan' if type_ == 'vlan' else 'vxlan'} tag"})
    if type_ == "evpn" and one.get("vlanaware"):
        raise parameter_error({"vlan-aware": "vlan-aware option can't be enabled with evpn"})
    for other, known in sorted(vnets.items()):
        if other != name and tag is not None and known.get("tag") == tag and _meet(known, one, zones):
            raise parameter_error({"tag": f"tag {tag} already exist in vnet {other}"})


def _meet(one: Object, other: Object, zones: Objects) -> bool:
    """VLANs are those of a zone, numbers of VXLAN those of the cluster."""
    tunnels = ("vxlan", "evpn")
    types = {zones.get(each["zone"], {}).get("type") for each in (one, other)}
    return one["zone"] == other["zone"] or types <= set(tunnels)


def controller(name: str, controllers: Objects) -> None:
    one = controllers[name]
    if one["type"] != "evpn":
        return
    if any(other != name and known["type"] == "evpn" for other, known in controllers.items()):
        raise ApiError(
            500, f"only 1 global evpn controller can be defined at {_WHERE}/Controllers/EvpnPlugin.pm line 300."
        )
    if bool(one.get("peers")) == bool(one.get("fabric")):
        raise ApiError(500, f"{_ONE_OF} at {_WHERE}/Controllers/EvpnPlugin.pm line 306.")
