"""/cluster/sdn: the lock, applying what is staged on every node, taking it back, and what applying would change."""

from __future__ import annotations

from typing import Any

from pve_standin.api import registry, remote
from pve_standin.api.registry import ApiError, Call, method
from pve_standin.core import cfs, paths, release
from pve_standin.sdn import config, local

_PARTS = ("vnets", "zones", "controllers", "ipams", "dns", "fabrics")


@method("GET", "/cluster/sdn")
def index(call: Call) -> list[dict[str, str]]:
    return [{"id": name} for name in _PARTS]


@method("POST", "/cluster/sdn/lock", protected=True)
def lock(call: Call) -> str:
    with config.locked("could not acquire lock for SDN config"):
        if not call.params.get("allow-pending") and config.has_pending():
            raise ApiError(
                500, "configuration has pending changes at /usr/share/perl5/PVE/API2/Network/SDN.pm line 150."
            )
        return config.take_lock()


@method("DELETE", "/cluster/sdn/lock", protected=True)
def give_back(call: Call) -> None:
    if not call.params.get("force"):
        with config.locked("could not release lock", call.params.get("lock-token")):
            config.drop_lock()
    config.drop_lock()


@method("POST", "/cluster/sdn/rollback", protected=True)
def rollback(call: Call) -> None:
    """What anybody has staged is lost."""
    token = call.params.get("lock-token")
    with config.locked("could not rollback SDN configuration", token):
        for kind in config.APPLIED:
            config.write(kind, config.running_of(kind))
        _released(call, token)


def _released(call: Call, token: Any) -> None:
    if token and call.params.get("release-lock", 1):
        config.drop_lock()


@method("PUT", "/cluster/sdn", protected=True)
def apply(call: Call) -> str:
    """What is staged runs from now on; then each node is asked in its turn, and a failure only told."""
    token = call.params.get("lock-token")
    with config.locked("could not commit SDN config", token):
        before = local.has_frr(config.running())
        config.commit()
        _released(call, token)
    frr = int(before or local.has_frr(config.running()))
    return call.fork_worker("reloadnetworkall", "", lambda: _reload_all(frr))


def _reload_all(frr: int) -> None:
    for node in sorted(cfs.node_list(), reverse=True):
        print(f"{node}: reloading network config", flush=True)
        given = {"regenerate-frr": frr} if release.current().pve == "9" else {}
        try:
            registry.call("PUT", f"/nodes/{node}/network", given)
        except ApiError as error:
            print(error.message, flush=True)
            words = f"pvesh set /nodes/{node}/network --regenerate-frr {frr}"
            print(f"command '{words}' failed: exit code 255", flush=True)


@method("GET", "/cluster/sdn/dry-run", protected=True)
def dry_run(call: Call) -> dict[str, str]:
    """On the node that is named, as upstream proxies to it."""
    node = call.params["node"]
    if node != cfs.nodename():
        found: dict[str, str] = remote.call(node, "GET", "/cluster/sdn/dry-run", {"node": node}, call.user)
        return found
    cfg = config.compiled(bump=False)
    found = {
        "frr-diff": local.difference(paths.FRR_CONF, local.frr(cfg)),
        "interfaces-diff": local.difference(paths.INTERFACES_SDN, local.interfaces(cfg)),
    }
    return {key: text for key, text in found.items() if text}
