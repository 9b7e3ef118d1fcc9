"""/cluster/sdn/fabrics: fabrics and their nodes. Everything of a new one is among what is pending, its name, too."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import ApiError, Call, method
from pve_standin.sdn import config
from pve_standin.sdn.config import Object, Objects

ROOT = "/cluster/sdn/fabrics"
_NOT_SAID = ("lock-token", "delete", "digest", "pending", "running")


def _parts(objects: Objects) -> tuple[Objects, Objects]:
    """Fabrics, and nodes by FABRIC_NODE; the type of a section is no part of what the API tells."""
    plain = {name: {key: value for key, value in one.items() if key != "type"} for name, one in objects.items()}
    nodes = {name: one for name, one in plain.items() if "node_id" in one}
    return {name: one for name, one in plain.items() if name not in nodes}, nodes


@method("GET", ROOT + "/all")
def everything(call: Call) -> dict[str, Any]:
    running, staged = _parts(config.running_of("fabrics")), _parts(config.read("fabrics"))
    if call.params.get("pending"):
        found = [config.pending(old, new) for old, new in zip(running, staged)]
    else:
        found = list(running if call.params.get("running") else staged)
    return {"fabrics": [dict(one) for one in found[0].values()], "nodes": [dict(one) for one in found[1].values()]}


def _said(call: Call) -> Object:
    return {key: value for key, value in call.params.items() if key not in _NOT_SAID}


def _make(call: Call, name: str, part: str, what: str) -> None:
    with config.locked(f"adding {what} failed", call.params.get("lock-token")):
        objects = config.read("fabrics")
        if name in objects:
            raise ApiError(500, f"{what} already exists: {name}")
        objects[name] = {"type": f"{call.params['protocol']}_{part}", **_said(call)}
        config.write("fabrics", objects)


def _change(call: Call, name: str, what: str) -> None:
    with config.locked(f"updating {what} failed", call.params.get("lock-token")):
        objects = config.read("fabrics")
        if name not in objects:
            raise ApiError(500, f"{what} not found: {name}")
        gone = call.params.get("delete", [])
        for key in gone if isinstance(gone, list) else [gone]:
            objects[name].pop(key, None)
        objects[name].update(_said(call))
        config.write("fabrics", objects)


def _remove(call: Call, name: str, what: str) -> None:
    """The parameters of these declare only names; upstream reads the token all the same."""
    with config.locked(f"deleting {what} failed", call.params.get("lock-token")):
        objects = config.read("fabrics")
        if name not in objects:
            raise ApiError(500, f"{what} not found: {name}")
        for kind in ("controllers", "zones"):
            for user, one in config.read(kind).items():
                if what == "fabric" and one.get("fabric") == name:
                    noun = "EVPN controller" if kind == "controllers" else "VXLAN zone"
                    raise ApiError(500, f'this fabric is still used in the {noun} "{user}"')
        inside = [other for other in objects if what == "fabric" and other.startswith(f"{name}_")]
        for gone in (name, *inside):
            del objects[gone]
        config.write("fabrics", objects)


@method("POST", ROOT + "/fabric", protected=True)
def add_fabric(call: Call) -> None:
    _make(call, call.params["id"], "fabric", "fabric")


@method("PUT", ROOT + "/fabric/{id}", protected=True)
def change_fabric(call: Call) -> None:
    _change(call, call.params["id"], "fabric")


@method("DELETE", ROOT + "/fabric/{id}", protected=True)
def remove_fabric(call: Call) -> None:
    _remove(call, call.params["id"], "fabric")


@method("POST", ROOT + "/node/{fabric_id}", protected=True)
def add_node(call: Call) -> None:
    if call.params["fabric_id"] not in config.read("fabrics"):
        raise ApiError(500, f"fabric not found: {call.params['fabric_id']}")
    _make(call, _name(call), "node", "node")


@method("PUT", ROOT + "/node/{fabric_id}/{node_id}", protected=True)
def change_node(call: Call) -> None:
    _change(call, _name(call), "node")


@method("DELETE", ROOT + "/node/{fabric_id}/{node_id}", protected=True)
def remove_node(call: Call) -> None:
    _remove(call, _name(call), "node")


def _name(call: Call) -> str:
    return f"{call.params['fabric_id']}_{call.params['node_id']}"
