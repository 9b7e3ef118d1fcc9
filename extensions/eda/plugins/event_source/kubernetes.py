# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Source of events for ansible-rulebook: what somebody changes in a Kubernetes cluster, and nothing twice or lost."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional, Protocol

sys.path.append(str(Path(__file__).absolute().parents[7]))  # ansible-rulebook runs this file by its path alone

from ansible_collections.baremetal.virt.plugins.module_utils.drift.declared import trimmed
from ansible_collections.baremetal.virt.plugins.module_utils.drift.options import known, watched
from ansible_collections.baremetal.virt.plugins.module_utils.drift.watcher import Watcher
from ansible_collections.baremetal.virt.plugins.module_utils.informer.factory import SharedInformerFactory
from ansible_collections.baremetal.virt.plugins.module_utils.informer.shared_informer import SharedIndexInformer
from ansible_collections.baremetal.virt.plugins.module_utils.transport.kube.list_watch import KubeListWatch
from ansible_collections.baremetal.virt.plugins.module_utils.transport.turns import Turns

DOCUMENTATION = r"""
short_description: What somebody changes in a Kubernetes cluster
description:
  - Lists once, watches then, and tells of each object of which somebody else has changed what is declared.
  - Of each key at most one run is asked for at a time. What happens meanwhile is followed by one more.
options:
  kubeconfig:
    description: File that says which cluster is meant, and who asks.
    type: str
    required: true
  context:
    description: Which context of it; by default the current one.
    type: str
  fingerprint:
    description: SHA-256 of the server's certificate. With it nobody else is spoken to.
    type: str
  turns:
    description: Folder on this machine in which the playbooks of the collection note that a run has ended.
    type: str
  watch:
    description: What is watched.
    type: list
    elements: dict
    required: true
    suboptions:
      path: {description: "Of the kind in the API, such as /apis/crd.projectcalico.org/v1/bgppeers.", type: str}
      mode: {description: "V(notify), V(propose) or V(repair); by default V(notify).", type: str}
      key: {description: "One run for all objects of the kind, by this name; else each object has its own.", type: str}
      fields: {description: "Dotted names; only what is below is drift. By default what people write.", type: list}
      labels: {description: "A label selector.", type: str}
"""

EXAMPLES = r"""
- baremetal.virt.kubernetes:
    kubeconfig: /etc/baremetal/kubeconfig
    turns: /var/lib/eda/turns
    watch:
      - path: /apis/crd.projectcalico.org/v1/bgppeers
        mode: repair
        key: calico_bgp
"""


OPTIONS = ("kubeconfig", "context", "fingerprint", "turns", "watch")


class Queue(Protocol):
    """Where events go to; it takes one at a time."""

    async def put(self, event: Mapping[str, Any]) -> None:
        """Wait until there is room."""


async def main(queue: Queue, args: Mapping[str, Any]) -> None:
    """Until it is cancelled."""
    known(args, OPTIONS, ["kubeconfig", "watch"])
    kubeconfig, context, fingerprint = (str(args.get(name) or "") for name in OPTIONS[:3])
    wanted = watched(args["watch"], "path", ["labels"])
    watcher = Watcher(queue.put, Turns(args["turns"]) if args.get("turns") else None)
    servers = {
        one.place: KubeListWatch(kubeconfig, context, fingerprint, one.place, _selectors(one.more.get("labels")))
        for one in wanted
    }
    factory = SharedInformerFactory(lambda path: SharedIndexInformer(servers[path], transform=trimmed))
    for one in wanted:
        watcher.watch(one.watch, factory.for_resource(one.place))
    factory.start()
    try:
        await asyncio.gather(watcher.run(), factory.wait())
    finally:
        await factory.shutdown()
        await asyncio.gather(*(server.close() for server in servers.values()))


def _selectors(labels: Optional[str]) -> dict[str, str]:
    return {"labelSelector": labels} if labels else {}
