"""/cluster/ceph: what all nodes share — status, flags, metadata of every daemon."""

from __future__ import annotations

from typing import Any

from pve_standin.api.registry import Call, method, parameter_error
from pve_standin.ceph import flags, metadata, tools

_ENTRIES = ("flags", "metadata", "status")


@method("GET", "/cluster/ceph")
def index(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in _ENTRIES]


@method("GET", "/cluster/ceph/status", protected=True)
def status(call: Call) -> dict[str, Any]:
    return metadata.status()


@method("GET", "/cluster/ceph/metadata", protected=True)
def all_metadata(call: Call) -> dict[str, Any]:
    tools.check_inited()
    return metadata.collect(versions_only=call.params.get("scope") == "versions")


@method("GET", "/cluster/ceph/flags", protected=True)
def list_flags(call: Call) -> list[dict[str, Any]]:
    tools.check_configured()
    return flags.listing()


@method("PUT", "/cluster/ceph/flags", protected=True)
def set_flags(call: Call) -> str:
    tools.check_configured()
    return call.fork_worker("cephsetflags", "", lambda: flags.change(call.params))


@method("GET", "/cluster/ceph/flags/{flag}", protected=True)
def read_flag(call: Call) -> int:
    tools.check_configured()
    name = call.params["flag"]
    if name not in flags.DESCRIPTIONS:
        raise parameter_error({"flag": f"unknown flag '{name}'"})
    return 1 if name in flags.active() else 0


@method("PUT", "/cluster/ceph/flags/{flag}", protected=True)
def set_flag(call: Call) -> None:
    tools.check_configured()
    flags.change({call.params["flag"]: call.params["value"]})
