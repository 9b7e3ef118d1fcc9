"""/nodes/{node}/ceph: initialisation, services, status, configuration and safety questions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pve_standin.api.registry import Call, method, parameter_error
from pve_standin.ceph import conf, initialise, metadata, rados, releases, services, tools
from pve_standin.core.cfs import cfs_read
from pve_standin.core.errors import ApiError

BASE = "/nodes/{node}/ceph"


@dataclass(frozen=True)
class Question:
    """How Ceph is asked whether something may be done to a daemon."""

    prefix: str
    argument: str
    manager: bool = False


_ENTRIES = (
    "cfg",
    "cmd-safety",
    "crush",
    "fs",
    "init",
    "log",
    "mds",
    "mgr",
    "mon",
    "osd",
    "pool",
    "releases",
    "restart",
)
_CLUSTER_LOG = Path("/var/log/ceph/ceph.log")
_SAFETY = {
    ("osd", "stop"): Question("osd ok-to-stop", "ids", manager=True),
    ("osd", "destroy"): Question("osd safe-to-destroy", "ids", manager=True),
    ("mon", "stop"): Question("mon ok-to-stop", "ids"),
    ("mon", "destroy"): Question("mon ok-to-rm", "id"),
    ("mds", "stop"): Question("mds ok-to-stop", "ids"),
}


@method("GET", BASE)
def index(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in (*_ENTRIES, "rules", "start", "status", "stop")]


@method("POST", BASE + "/init", protected=True)
def init(call: Call) -> None:
    initialise.init(call.params)


@method("GET", BASE + "/status", protected=True)
def status(call: Call) -> dict[str, Any]:
    return metadata.status()


@method("GET", BASE + "/releases")
def list_releases(call: Call) -> list[dict[str, Any]]:
    return releases.listing()


def _control(call: Call, action: str) -> str:
    tools.check_inited()
    service = call.params.get("service", "ceph.target")
    return call.fork_worker(f"srv{action}", service, lambda: services.control(action, service))


@method("POST", BASE + "/start", protected=True)
def start(call: Call) -> str:
    return _control(call, "start")


@method("POST", BASE + "/stop", protected=True)
def stop(call: Call) -> str:
    return _control(call, "stop")


@method("POST", BASE + "/restart", protected=True)
def restart(call: Call) -> str:
    return _control(call, "restart")


@method("GET", BASE + "/cmd-safety", protected=True)
def command_safety(call: Call) -> dict[str, Any]:
    tools.check_inited()
    service, daemon, action = (call.params[key] for key in ("service", "id", "action"))
    question = _SAFETY.get((service, action))
    if question is None:
        raise parameter_error({"action": f"Service does not support this action: {service}: {action}"})
    subject = {question.argument: [daemon] if question.argument == "ids" else daemon}
    # asked for JSON, Ceph calls everything safe and lists what is not
    answer = rados.ask(question.prefix, form="plain", manager=question.manager, **subject)
    return {
        "safe": 1 if answer.code == 0 else 0,
        "status": answer.remark,
        "status_message": answer.remark,
        "return_code": -answer.code,
        "data": answer.output.decode(),
    }


@method("GET", BASE + "/crush", protected=True)
def crush(call: Call) -> str:
    tools.check_inited()
    return json.dumps(rados.mon("osd crush dump"), indent=1)


@method("GET", BASE + "/log", protected=True)
def log(call: Call) -> list[dict[str, Any]]:
    tools.check_inited()
    if not _CLUSTER_LOG.exists():
        return []
    first = call.params.get("start", 0)
    lines = _CLUSTER_LOG.read_text(encoding="utf-8", errors="replace").splitlines()
    chosen = lines[first : first + call.params.get("limit", 50)]
    return [{"n": first + offset, "t": line} for offset, line in enumerate(chosen, start=1)]


@method("GET", BASE + "/cfg")
def configuration_index(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in ("raw", "db", "value")]


@method("GET", BASE + "/config", protected=True)
@method("GET", BASE + "/cfg/raw", protected=True)
def configuration_text(call: Call) -> str:
    tools.check_inited()
    return cfs_read(tools.CONF) or ""


@method("GET", BASE + "/configdb", protected=True)
@method("GET", BASE + "/cfg/db", protected=True)
def configuration_database(call: Call) -> list[dict[str, Any]]:
    tools.check_inited()
    kept = ("section", "name", "value", "level", "mask", "can_update_at_runtime")
    found = []
    for entry in rados.mon("config dump"):
        view = {key: entry[key] for key in kept if key in entry}
        view["can_update_at_runtime"] = int(bool(view.get("can_update_at_runtime")))
        found.append(view)
    return found


@method("GET", BASE + "/cfg/value", protected=True)
def configuration_values(call: Call) -> dict[str, dict[str, str]]:
    """Values of 'section:key' pairs; ceph.conf goes before the monitors' database."""
    tools.check_inited()
    current = conf.read()
    database = {(entry["section"], entry["name"]): str(entry["value"]) for entry in rados.mon("config dump")}
    found: dict[str, dict[str, str]] = {}
    for pair in re.split(r"[,;\s]+", call.params["config-keys"].strip()):
        section, colon, key = pair.partition(":")
        if not colon:
            raise ApiError(400, f"invalid config key '{pair}'")
        name = key.replace("-", "_")
        value = current.sections.get(section, {}).get(name, database.get((section, name)))
        if value is not None:
            found.setdefault(section, {})[name.replace("_", "-")] = value
    return found
