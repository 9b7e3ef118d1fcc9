#!/usr/bin/env python3
"""Ask the API of each address which nodes the cluster has, the way a user's program does: proxmoxer over HTTPS.

usage: api_nodes.py CA_FILE ADDRESS... < TICKET

The certificate is verified against the cluster's own authority, never skipped. A ticket of root@pam is exchanged for
a fresh one at login. Prints, as JSON, for each address: the nodes it lists, and the cluster as it sees it.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from proxmoxer import ProxmoxAPI


def ask(address: str, authority: str, ticket: str) -> dict[str, Any]:
    """What the node at this address answers."""
    api = ProxmoxAPI(address, user="root@pam", password=ticket, verify_ssl=authority, timeout=30)
    status = api.cluster.status.get()
    cluster = next(item for item in status if item["type"] == "cluster")
    return {
        "nodes": sorted(node["node"] for node in api.nodes.get()),
        "online": sorted(item["name"] for item in status if item["type"] == "node" and item["online"]),
        "cluster": {key: cluster[key] for key in ("name", "nodes", "quorate")},
    }


def main() -> None:
    authority, *addresses = sys.argv[1:]
    ticket = sys.stdin.read().strip()
    print(json.dumps({address: ask(address, authority, ticket) for address in addresses}))


if __name__ == "__main__":
    main()
