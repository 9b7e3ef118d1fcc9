"""/cluster/config: the corosync configuration, creating a cluster, joining one, adding and removing nodes."""

from __future__ import annotations

import errno
from typing import Any

from pve_standin.api.registry import ApiError, Call, method
from pve_standin.cluster import corosync_conf, membership
from pve_standin.core import cfs

NOT_IN_CLUSTER = "node is not in a cluster, no join info available!"


@method("GET", "/cluster/config")
def index(call: Call) -> list[dict[str, str]]:
    return [{"name": name} for name in ("nodes", "totem", "join", "qdevice", "apiversion")]


@method("GET", "/cluster/config/apiversion")
def join_api_version(call: Call) -> str:
    return str(membership.JOIN_API_VERSION)


@method("POST", "/cluster/config", protected=True)
def create(call: Call) -> str:
    membership.refuse_existing()
    return call.fork_worker("clustercreate", call.params["clustername"], lambda: membership.create(call.params))


@method("GET", "/cluster/config/nodes")
def nodes(call: Call) -> list[dict[str, str]]:
    return [{**entry, "node": name} for name, entry in corosync_conf.nodes(membership.read_conf()).items()]


@method("POST", "/cluster/config/nodes/{node}", protected=True)
def add_node(call: Call) -> dict[str, Any]:
    return membership.add_node(call.params)


@method("DELETE", "/cluster/config/nodes/{node}", protected=True)
def delete_node(call: Call) -> None:
    membership.delete_node(call.params["node"])


@method("GET", "/cluster/config/join")
def join_info(call: Call) -> dict[str, Any]:
    from pve_standin.cluster import certificates

    conf = membership.read_conf()
    if not conf:
        where = " at /usr/share/perl5/PVE/API2/ClusterConfig.pm line 578"
        raise ApiError(424, NOT_IN_CLUSTER, errno=errno.ENOENT, where=where)
    preferred = call.params.get("node", cfs.nodename())
    listed = []
    for name, entry in corosync_conf.nodes(conf).items():
        fingerprint = certificates.certificate_fingerprint(name)
        listed.append({**entry, "pve_addr": cfs.node_ip(name), "pve_fp": fingerprint})
    return {
        "nodelist": listed,
        "preferred_node": preferred,
        "totem": corosync_conf.totem(conf),
        "config_digest": membership.conf_digest(),
    }


@method("POST", "/cluster/config/join", protected=True)
def join(call: Call) -> str:
    from pve_standin.cluster import join as joining

    request = joining.Request.from_params(call.params)
    return call.fork_worker("clusterjoin", "", lambda: joining.join_by_api(request))


@method("GET", "/cluster/config/totem")
def totem(call: Call) -> Any:
    return corosync_conf.totem(membership.read_conf()) or None


@method("GET", "/cluster/config/qdevice")
def qdevice(call: Call) -> dict[str, str]:
    """State of the qdevice; the lab has none, so it is empty unless corosync.conf names one."""
    device = membership.read_conf().get("quorum", {}).get("device")
    return {"Model": str(device.get("model", ""))} if device else {}
