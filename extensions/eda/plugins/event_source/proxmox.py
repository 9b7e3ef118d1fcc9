# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Source of events for ansible-rulebook: what somebody changes in a Proxmox VE cluster, by its API."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

sys.path.append(str(Path(__file__).absolute().parents[7]))  # ansible-rulebook runs this file by its path alone

from ansible_collections.baremetal.virt.plugins.module_utils.drift.options import known, watched
from ansible_collections.baremetal.virt.plugins.module_utils.drift.poll_watch import BUSY, IDLE, PollWatch
from ansible_collections.baremetal.virt.plugins.module_utils.drift.proxmox import PARTS
from ansible_collections.baremetal.virt.plugins.module_utils.drift.watcher import Watcher
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.informer.factory import SharedInformerFactory
from ansible_collections.baremetal.virt.plugins.module_utils.informer.shared_informer import SharedIndexInformer
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api import PORT, Api
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.credential import Token
from ansible_collections.baremetal.virt.plugins.module_utils.transport.turns import Turns

DOCUMENTATION = r"""
short_description: What somebody changes in a Proxmox VE cluster
description:
  - The API has no watch, so it asks for lists, often after a change and else seldom, and for what has changed in them.
  - A row that is missing is not taken for deleted unless its own path says that it does not exist.
options:
  host:
    description: Address of a node.
    type: str
    required: true
  port:
    description: Port of the web interface.
    type: int
    default: 8006
  fingerprint:
    description: SHA-256 of the node's certificate. Nobody else is spoken to.
    type: str
    required: true
  token_id:
    description: "USER@REALM!NAME of an API token. It only reads: PVEAuditor on / is enough."
    type: str
    required: true
  token_file:
    description: File that holds the token's value, and nothing else.
    type: str
    required: true
  turns:
    description: Folder on this machine in which the playbooks of the collection note that a run has ended.
    type: str
  watch:
    description: What is watched.
    type: list
    elements: dict
    required: true
    suboptions:
      part: {description: "Guests, nodes, storages, pools, zones, vnets, ha or backups; in lower case.", type: str}
      mode: {description: "V(notify), V(propose) or V(repair); by default V(notify).", type: str}
      key: {description: "One run for all of the part, by this name; else each thing has its own.", type: str}
      fields: {description: "Dotted names, such as V(spec.cores); only what is below is drift.", type: list}
  busy:
    description: Seconds until the next poll after a change.
    type: float
    default: 5
  idle:
    description: Seconds between polls when nothing happens, at most 60.
    type: float
    default: 30
"""

EXAMPLES = r"""
- baremetal.virt.proxmox:
    host: 192.0.2.11
    fingerprint: "{{ pve1_fingerprint }}"
    token_id: drift@pve!eda
    token_file: /etc/baremetal/drift.token
    turns: /var/lib/eda/turns
    watch:
      - {part: storages, key: site, mode: repair}
      - {part: guests}
      - {part: nodes}
"""

OPTIONS = ("host", "port", "fingerprint", "token_id", "token_file", "turns", "watch", "busy", "idle")
LONGEST = 60.0


class Queue(Protocol):
    """Where events go to; it takes one at a time."""

    async def put(self, event: Mapping[str, Any]) -> None:
        """Wait until there is room."""


async def main(queue: Queue, args: Mapping[str, Any]) -> None:
    """Until it is cancelled."""
    known(args, OPTIONS, ["host", "fingerprint", "token_id", "token_file", "watch"])
    wanted = watched(args["watch"], "part", [])
    strange = sorted({one.place for one in wanted} - set(PARTS))
    if strange:
        raise Invalid(f"There is no part {', '.join(strange)}.", f"There are {', '.join(PARTS)}.")
    busy, idle = float(args.get("busy") or BUSY), float(args.get("idle") or IDLE)
    if not 0 < busy <= idle <= LONGEST:
        raise Invalid(f"busy is {busy} and idle is {idle} seconds, but it must be 0 < busy <= idle <= {LONGEST:.0f}.")
    api = _api(args)
    said: asyncio.Queue[str] = asyncio.Queue()
    watcher = Watcher(queue.put, Turns(args["turns"]) if args.get("turns") else None)
    factory = SharedInformerFactory(
        lambda part: SharedIndexInformer(PollWatch(api.get, PARTS[part], said.put_nowait, busy, idle))
    )
    for one in wanted:
        watcher.watch(one.watch, factory.for_resource(one.place))
    factory.start()
    try:
        await asyncio.gather(watcher.run(), _say(said, queue), factory.wait())
    finally:
        await factory.shutdown()


async def _say(said: asyncio.Queue[str], queue: Queue) -> None:
    """What is no change, but somebody should know."""
    while True:
        await queue.put({"notice": {"text": await said.get()}})


def _api(args: Mapping[str, Any]) -> Api:
    """The token's value is read once, and is in no event."""
    try:
        secret = Path(args["token_file"]).expanduser().read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{args['token_file']} gives no token: {error}.") from error
    token = Token(str(args["token_id"]), secret)
    fingerprint = str(args["fingerprint"]).replace(":", "").lower()
    return Api(str(args["host"]), fingerprint, lambda: token, int(args.get("port") or PORT), pauses=())
