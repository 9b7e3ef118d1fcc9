# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ceph as it runs, in the words of its role's variables."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ...decide.ceph.info import describe
from ...model.ceph.osd import ObservedOsds
from ...model.ceph.pg import AUTOSCALE

#: Every Ceph has it.
_DEFAULT_RULE = "replicated_rule"


def ceph_variables(observed: ObservedOsds, nodes: Collection[str]) -> dict[str, Any]:
    """``nodes``: names of the cluster's nodes, after which the daemons are named that the role manages."""
    found = describe(observed)
    if found["public_network"] is None or observed.ceph.cluster is None:
        return {}
    conf = observed.ceph.node.conf
    configured = {} if conf is None else conf.daemons
    placed = {
        f"ceph_{kind}s": sorted({*found[f"{kind}s"], *configured.get(kind, ())} & set(nodes))
        for kind in ("mon", "mgr", "mds")
    }
    other = found["cluster_network"] if found["cluster_network"] != found["public_network"] else None
    variables = {
        "ceph_public_network": found["public_network"],
        "ceph_cluster_network": other,
        **placed,
        "ceph_osds": [_osd(disk) for disk in found["disks"]] or None,
        "ceph_crush_rules": [_given(rule) for rule in found["crush_rules"] if rule["name"] != _DEFAULT_RULE] or None,
        "ceph_pools": [pool for pool in found["pools"] if pool["pg_mode"] == AUTOSCALE] or None,
        "ceph_filesystems": found["filesystems"] or None,
    }
    return _given(variables)


def ceph_notes(observed: ObservedOsds) -> Iterator[str]:
    if observed.ceph.silence is not None:
        yield f"Ceph does not answer ({observed.ceph.silence}), and is left out."
    if observed.ceph.cluster is not None and describe(observed)["public_network"] is None:
        yield "Ceph has no public_network, in ceph.conf or among its monitors' settings, and is left out."
    for pool in describe(observed)["pools"]:
        if pool["pg_mode"] != AUTOSCALE:
            cluster = observed.ceph.cluster
            found = None if cluster is None else cluster.pool(pool["name"])
            mode = "off" if found is None else found.pg_autoscale_mode
            yield (
                f"The pool {pool['name']} has a number of placement groups that somebody chose (autoscaler: {mode}); "
                "it is left out, and so left alone."
            )


def _osd(disk: dict[str, Any]) -> dict[str, Any]:
    count = len(disk["osd_ids"])
    return _given({"device": disk["device"], "osds_per_device": count if count > 1 else None})


def _given(found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value is not None}
