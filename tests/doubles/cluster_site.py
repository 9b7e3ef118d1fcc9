"""What the hosts of a site tell of their cluster, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.site.cluster.site import Site
from ansible_collections.baremetal.virt.plugins.module_utils.site.cluster.view import view
from ansible_collections.baremetal.virt.plugins.modules.cluster_info import answer

from . import cluster_nodes as lab
from .support import FakeNode

Infos = Mapping[str, Mapping[str, Any]]
SILENT: Mapping[str, Any] = {"answered": False}


def info(node: FakeNode, links: list[str] = lab.LINKS, **changes: Any) -> dict[str, Any]:
    """The result of cluster_info on this node."""
    return {**answer(node, {"links": links, "votes": None}), "changed": False, "dry_run": False, **changes}


#: Three nodes before anything was done.
FRESH = {f"host{number}": info(lab.standalone(number)) for number in (1, 2, 3)}
#: The same three as one cluster.
THREE = {f"host{number}": info(lab.member(number)) for number in (1, 2, 3)}
#: Two of them as one cluster.
TWO = {f"host{number}": info(lab.member(number, lab.TWO, lab.STATUS_REMOVED)) for number in (1, 2)}
WITHOUT_QUORUM = info(lab.member(1, lab.THREE, lab.STATUS_NO_QUORUM))


def told(infos: Infos) -> list[dict[str, Any]]:
    return [{"host": host, **one} for host, one in infos.items()]


def wish(infos: Infos, **changes: Any) -> dict[str, Any]:
    """Of the cluster ``lab``, all of whose hosts are in the play."""
    return {"name": "lab", "play": list(infos), "hosts": list(infos), **changes}


def site(infos: Infos, **changes: Any) -> Site:
    return Site.parse(told(infos), wish(infos, **changes))


def seen(infos: Infos, **changes: Any) -> dict[str, Any]:
    """As the role sees it."""
    return view(told(infos), wish(infos, **changes))
