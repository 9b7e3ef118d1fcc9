"""/cluster/ha: resources, rules and status of high availability."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method
from pve_standin.api.schema import split_list
from pve_standin.core import cfs
from pve_standin.core.errors import ApiError
from pve_standin.guest import config as guests
from pve_standin.ha import config, groups
from pve_standin.ha import status as ha_status

RESOURCES = "/cluster/ha/resources"
RULES = "/cluster/ha/rules"
GROUPS = "/cluster/ha/groups"


@method("GET", "/cluster/ha")
def index(call: Call) -> list[dict[str, str]]:
    return [{"id": name} for name in ("groups", "resources", "rules", "status")]


@method("GET", RESOURCES)
def list_resources(call: Call) -> list[dict[str, Any]]:
    return [_resource(name) for name in config.read(config.RESOURCES)]


def _resource(number: str) -> dict[str, Any]:
    section = config.read(config.RESOURCES)[number]
    return {
        "sid": f"{section.type}:{section.id}",
        "type": section.type,
        **config.options_of(section),
        **_digest(config.RESOURCES),
    }


def _digest(path: str) -> dict[str, str]:
    return {"digest": config.digest(path)}


@method("GET", RESOURCES + "/{sid}")
def read_resource(call: Call) -> dict[str, Any]:
    kind, number = config.sid_parts(call.params["sid"])
    if number not in config.read(config.RESOURCES):
        raise ApiError(500, f"no such resource '{kind}:{number}'")
    return _resource(number)


@method("POST", RESOURCES, protected=True)
def add_resource(call: Call) -> None:
    options = {key: value for key, value in call.params.items() if key not in ("sid", "type")}
    config.add_resource(call.params["sid"], options)


@method("PUT", RESOURCES + "/{sid}", protected=True)
def update_resource(call: Call) -> None:
    options = {key: value for key, value in call.params.items() if key not in ("sid", "delete", "digest")}
    config.update_resource(
        call.params["sid"], options, split_list(call.params.get("delete", "")), call.params.get("digest", "")
    )


@method("DELETE", RESOURCES + "/{sid}", protected=True)
def remove_resource(call: Call) -> None:
    config.remove_resource(call.params["sid"], bool(call.params.get("purge", 1)))


def _order(call: Call, verb: str) -> dict[str, str]:
    kind, number = config.sid_parts(call.params["sid"])
    if number not in config.read(config.RESOURCES):
        raise ApiError(500, f"resource '{kind}:{number}' is not HA managed")
    ha_status.queue(f"{verb} {kind}:{number} {call.params['node']}")
    return {"sid": f"{kind}:{number}", "requested-node": call.params["node"]}


@method("POST", RESOURCES + "/{sid}/migrate", protected=True)
def migrate_resource(call: Call) -> dict[str, str]:
    return _order(call, "migrate")


@method("POST", RESOURCES + "/{sid}/relocate", protected=True)
def relocate_resource(call: Call) -> dict[str, str]:
    return _order(call, "relocate")


@method("GET", RULES)
def list_rules(call: Call) -> list[dict[str, Any]]:
    kind, sid = call.params.get("type"), call.params.get("resource")
    rows = [_rule(name) for name, section in config.read(config.RULES).items() if kind in (None, section.type)]
    return [row for row in rows if sid is None or sid in row["resources"].split(",")]


def _rule(name: str) -> dict[str, Any]:
    sections = config.read(config.RULES)
    if name not in sections:
        raise ApiError(500, f"no such ha rule '{name}'")
    section = sections[name]
    place = {"order": list(sections).index(name) + 1, **_digest(config.RULES)}
    return {"rule": name, "type": section.type, **config.options_of(section), **place}


@method("GET", RULES + "/{rule}")
def read_rule(call: Call) -> dict[str, Any]:
    return _rule(call.params["rule"])


@method("POST", RULES, protected=True)
def add_rule(call: Call) -> None:
    options = {key: value for key, value in call.params.items() if key not in ("rule", "type")}
    config.add_rule(call.params["rule"], call.params["type"], options)


@method("PUT", RULES + "/{rule}", protected=True)
def update_rule(call: Call) -> None:
    options = {key: value for key, value in call.params.items() if key not in ("rule", "type", "delete", "digest")}
    gone = split_list(call.params.get("delete", ""))
    config.update_rule(call.params["rule"], call.params["type"], options, gone, call.params.get("digest", ""))


@method("DELETE", RULES + "/{rule}", protected=True)
def remove_rule(call: Call) -> None:
    config.remove_rule(call.params["rule"])


@method("GET", GROUPS)
def list_groups(call: Call) -> list[dict[str, Any]]:
    groups.check_available("index groups")
    return [groups.read(name) for name in config.read(config.GROUPS)]


@method("POST", GROUPS, protected=True)
def add_group(call: Call) -> None:
    groups.check_available("create group")
    options = {key: value for key, value in call.params.items() if key not in ("group", "type")}
    groups.add(call.params["group"], options)


@method("GET", GROUPS + "/{group}")
def read_group(call: Call) -> dict[str, Any]:
    groups.check_available("read group")
    return groups.read(call.params["group"])


@method("PUT", GROUPS + "/{group}", protected=True)
def update_group(call: Call) -> None:
    groups.check_available("update group")
    options = {key: value for key, value in call.params.items() if key not in ("group", "type", "delete", "digest")}
    groups.update(call.params["group"], options, split_list(call.params.get("delete", "")))


@method("DELETE", GROUPS + "/{group}", protected=True)
def remove_group(call: Call) -> None:
    groups.check_available("delete group")
    groups.remove(call.params["group"])


@method("GET", "/cluster/ha/status")
def status_index(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in ("current", "manager_status")]


@method("GET", "/cluster/ha/status/current", protected=True)
def current(call: Call) -> list[dict[str, Any]]:
    quorate = cfs.quorate()
    rows: list[dict[str, Any]] = [
        {
            "id": "quorum",
            "type": "quorum",
            "node": call.node,
            "status": "OK" if quorate else "No quorum on node!",
            "quorate": 1 if quorate else 0,
        }
    ]
    told = ha_status.read()
    if told.get("disarm"):
        rows.append(
            {"id": "fencing", "type": "fencing", "node": call.node, "armed-state": "disarmed", **told["disarm"]}
        )
    elif config.read(config.RESOURCES):
        rows.append({"id": "fencing", "type": "fencing", "node": call.node, "armed-state": "armed"})
    known = guests.guests()
    served = ha_status.read().get("service_status", {})
    for number, section in config.read(config.RESOURCES).items():
        sid = f"{section.type}:{section.id}"
        node = known.get(int(number), {}).get("node", "")
        state = served.get(sid, {}).get("state", "queued")
        rows.append(
            {
                "id": f"service:{sid}",
                "type": "service",
                "sid": sid,
                "node": node,
                "state": state,
                "request_state": section.options.get("state", "started"),
                "status": f"{sid} ({node}, {state})",
            }
        )
    return rows


@method("POST", "/cluster/ha/status/disarm-ha", protected=True)
def disarm(call: Call) -> None:
    ha_status.write({**ha_status.read(), "disarm": {"resource_mode": call.params["resource-mode"]}})


@method("POST", "/cluster/ha/status/arm-ha", protected=True)
def arm(call: Call) -> None:
    ha_status.write({key: value for key, value in ha_status.read().items() if key != "disarm"})


@method("GET", "/cluster/ha/status/manager_status", protected=True)
def manager_status(call: Call) -> dict[str, Any]:
    return {
        "manager_status": ha_status.read(),
        "quorum": {"node": call.node, "quorate": "1" if cfs.quorate() else "0"},
        "lrm_status": {},
    }
