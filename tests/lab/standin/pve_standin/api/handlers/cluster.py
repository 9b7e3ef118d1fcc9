"""/version, /cluster and its lists: status, resources, tasks, log and datacenter options."""

from __future__ import annotations

from typing import Any

from pve_standin.api import registry
from pve_standin.api.registry import Call, method
from pve_standin.cluster import overview
from pve_standin.core import access, cfs, options, tasklog, versions
from pve_standin.pmxcfs import control


@method("GET", "/version")
def version(call: Call) -> dict[str, str]:
    return versions.version_info()


@method("GET", "/cluster")
def index(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in registry.children("/cluster")]


@method("GET", "/cluster/status")
def status(call: Call) -> list[dict[str, Any]]:
    return overview.status()


@method("GET", "/cluster/resources")
def resources(call: Call) -> list[dict[str, Any]]:
    return [row for row in overview.resources(call.params.get("type", "")) if _is_shown(row, call.user)]


def _is_shown(row: dict[str, Any], user: str) -> bool:
    """Nodes and networks are shown to everybody."""
    kind = row["type"]
    if kind in ("qemu", "lxc"):
        return access.holds(user, f"/vms/{row['vmid']}", ["VM.Audit"])
    return kind != "storage" or access.holds(user, f"/storage/{row['storage']}", ["Datastore.Audit"])


@method("GET", "/cluster/tasks")
def tasks(call: Call) -> list[dict[str, Any]]:
    """Recent tasks of all nodes; this node's own list is always fresh."""
    lists = control.published(tasklog.PUBLISHED_KEY)
    lists[cfs.nodename()] = tasklog.recent()
    return [entry for entries in lists.values() for entry in entries]


@method("GET", "/cluster/log")
def log(call: Call) -> list[dict[str, Any]]:
    return list(control.log_entries(call.params.get("max", 50)))


@method("GET", "/cluster/options")
def get_options(call: Call) -> dict[str, Any]:
    return {"allowed-tags": [], "description": "", "mac_prefix": "BC:24:11", **options.read()}


@method("PUT", "/cluster/options", protected=True)
def set_options(call: Call) -> None:
    deleted = options.names(call.params.pop("delete", ""))
    options.change(call.params, deleted)
