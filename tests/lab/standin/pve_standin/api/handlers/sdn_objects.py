"""/cluster/sdn/zones and its kin: things that are staged, each a section of its file."""

from __future__ import annotations

import ipaddress
from typing import Any

from pve_standin.api.registry import ApiError, Call, method
from pve_standin.api.schema import split_list
from pve_standin.core.errors import parameter_error
from pve_standin.sdn import check, config, ipam
from pve_standin.sdn.config import Object, Objects

ROOT = "/cluster/sdn"
#: Kind -> what one is called in parameters.
_CALLED = {"zones": "zone", "vnets": "vnet", "controllers": "controller", "ipams": "ipam"}
_NOT_SAID = ("lock-token", "delete", "digest", "type")


def chosen(kind: str, params: dict[str, Any]) -> Objects:
    if params.get("pending"):
        return config.pending(config.running_of(kind), config.read(kind))
    return config.running_of(kind) if params.get("running") else config.read(kind)


def existing(objects: Objects, name: str, what: str = "sdn") -> Object:
    if name not in objects:
        raise ApiError(500, f"{what} '{name}' does not exist")
    return objects[name]


def _view(kind: str, name: str, one: Object, plain: bool) -> dict[str, Any]:
    return {**one, _CALLED[kind]: name, "digest": config.digest(kind) if plain else None}


def _said(kind: str, call: Call) -> Object:
    return {key: value for key, value in call.params.items() if key not in (*_NOT_SAID, _CALLED[kind])}


def _checked(kind: str, name: str, objects: Objects) -> None:
    if kind == "zones":
        check.zone(name, objects, config.read("controllers"))
    elif kind == "vnets":
        check.vnet(name, objects, config.read("zones"))
    elif kind == "controllers":
        check.controller(name, objects)


def _used(kind: str, name: str) -> None:
    if kind == "zones":
        for vnet, one in sorted(config.read("vnets").items()):
            if one["zone"] == name:
                where = "/usr/share/perl5/PVE/Network/SDN/Zones/Plugin.pm line 149."
                raise ApiError(500, f"zone {name} is used by vnet {vnet} at {where}")
    elif kind == "controllers":
        for zone, one in sorted(config.read("zones").items()):
            if one.get("controller") == name:
                raise ApiError(500, f"controller {name} is used by {zone} at Controllers/EvpnPlugin.pm line 280.")
    elif kind == "vnets" and any(one["vnet"] == name for one in config.read("subnets").values()):
        raise parameter_error({"vnet": "Can't delete vnet if subnets exists"})


def _ipams() -> Objects:
    return {"pve": {"type": "pve"}, **config.read("ipams")}


def _register(kind: str) -> None:
    called = _CALLED[kind]
    what = f"sdn {called} object"

    @method("GET", f"{ROOT}/{kind}")
    def index(call: Call) -> list[dict[str, Any]]:
        plain = not (call.params.get("pending") or call.params.get("running"))
        found = _ipams() if kind == "ipams" else chosen(kind, call.params)
        wanted = call.params.get("type")
        rows = [_view(kind, name, one, plain) for name, one in sorted(found.items())]
        return [row for row in rows if wanted in (None, row["type"])]

    @method("GET", f"{ROOT}/{kind}/{{{called}}}")
    def read(call: Call) -> dict[str, Any]:
        name = call.params[called]
        plain = not (call.params.get("pending") or call.params.get("running"))
        found = _ipams() if kind == "ipams" else chosen(kind, call.params)
        return _view(kind, name, existing(found, name), plain)

    @method("POST", f"{ROOT}/{kind}", protected=True)
    def create(call: Call) -> None:
        name, type_ = call.params[called], call.params.get("type", "vnet")
        check.required(kind, type_, call.params)
        with config.locked(f"create {what} failed", call.params.get("lock-token")):
            objects = config.read(kind)
            if name in objects or (kind == "ipams" and name == "pve"):
                raise ApiError(500, f"{what} ID '{name}' already defined")
            objects[name] = {"type": type_, **_said(kind, call)}
            _checked(kind, name, objects)
            config.write(kind, objects)

    @method("PUT", f"{ROOT}/{kind}/{{{called}}}", protected=True)
    def update(call: Call) -> None:
        name = call.params[called]
        with config.locked(f"update {what} failed", call.params.get("lock-token")):
            if call.params.get("digest") not in (None, config.digest(kind)):
                told = "detected modified configuration - file changed by other user? Try again."
                raise ApiError(500, told)
            objects = config.read(kind)
            one = existing(objects, name)
            for key in split_list(call.params.get("delete", "")):
                one.pop(key, None)
            one.update(_said(kind, call))
            _checked(kind, name, objects)
            config.write(kind, objects)

    @method("DELETE", f"{ROOT}/{kind}/{{{called}}}", protected=True)
    def delete(call: Call) -> None:
        name = call.params[called]
        with config.locked(f"delete {what} failed", call.params.get("lock-token")):
            objects = config.read(kind)
            existing(objects, name)
            _used(kind, name)
            del objects[name]
            config.write(kind, objects)


for _kind in _CALLED:
    _register(_kind)


@method("GET", f"{ROOT}/dns")
def dns(call: Call) -> list[dict[str, Any]]:
    return []


SUBNETS = f"{ROOT}/vnets/{{vnet}}/subnets"


def _subnet_view(name: str, one: Object, plain: bool) -> dict[str, Any]:
    zone, _, rest = name.partition("-")
    network, _, mask = rest.rpartition("-")
    ranges = [dict(part.split("=") for part in text.split(",")) for text in one.get("dhcp-range", [])]
    told = {"zone": zone, "network": network, "mask": mask, "cidr": f"{network}/{mask}", "subnet": name}
    shown = {**one, **told, "dhcp-range": ranges, "digest": config.digest("subnets") if plain else None}
    return {**shown, "id": name} if plain else shown


def _vnet(name: str) -> Object:
    return existing(config.read("vnets"), name, "sdn vnet")


@method("GET", SUBNETS)
def subnets(call: Call) -> list[dict[str, Any]]:
    name = call.params["vnet"]
    _vnet(name)
    plain = not (call.params.get("pending") or call.params.get("running"))
    found = sorted(chosen("subnets", call.params).items())
    return [_subnet_view(key, one, plain) for key, one in found if one["vnet"] == name]


@method("GET", SUBNETS + "/{subnet}")
def subnet(call: Call) -> dict[str, Any]:
    _vnet(call.params["vnet"])
    return _subnet_view(call.params["subnet"], existing(config.read("subnets"), call.params["subnet"]), plain=True)


@method("POST", SUBNETS, protected=True)
def create_subnet(call: Call) -> None:
    vnet = call.params["vnet"]
    zone = _vnet(vnet)["zone"]
    cidr = call.params["subnet"]
    name = f"{zone}-{cidr.replace('/', '-')}"
    with config.locked("create sdn subnet object failed", call.params.get("lock-token")):
        objects = config.read("subnets")
        if name in objects:
            raise ApiError(500, f"sdn subnet object ID '{name}' already defined")
        said = {key: value for key, value in call.params.items() if key not in (*_NOT_SAID, "subnet")}
        objects[name] = {"type": "subnet", **said}
        _check_gateway(cidr, objects[name])
        config.write("subnets", objects)


def _check_gateway(cidr: str, one: Object) -> None:
    gateway = one.get("gateway")
    if gateway and ipaddress.ip_address(gateway) not in ipaddress.ip_network(cidr, strict=False):
        raise parameter_error({"gateway": f"{gateway} is not in subnet {cidr}"})


@method("PUT", SUBNETS + "/{subnet}", protected=True)
def update_subnet(call: Call) -> None:
    name = call.params["subnet"]
    with config.locked("update sdn subnet object failed", call.params.get("lock-token")):
        objects = config.read("subnets")
        one = existing(objects, name)
        for key in split_list(call.params.get("delete", "")):
            one.pop(key, None)
        one.update({key: value for key, value in call.params.items() if key not in (*_NOT_SAID, "subnet")})
        _check_gateway(_subnet_view(name, one, plain=True)["cidr"], one)
        config.write("subnets", objects)


@method("DELETE", SUBNETS + "/{subnet}", protected=True)
def delete_subnet(call: Call) -> None:
    name = call.params["subnet"]
    with config.locked("delete sdn subnet object failed", call.params.get("lock-token")):
        objects = config.read("subnets")
        cidr = _subnet_view(name, existing(objects, name), plain=True)["cidr"]
        if any(row["vnet"] == call.params["vnet"] and row["subnet"] == cidr for row in ipam.given()):
            raise ApiError(500, f"cannot delete subnet '{cidr}', not empty")
        del objects[name]
        config.write("subnets", objects)
