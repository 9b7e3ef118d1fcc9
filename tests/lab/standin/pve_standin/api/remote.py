"""Sending a request to another node of the cluster, trusted by the certificate it has in /etc/pve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pve_standin.core import cfs, paths, ticket, users
from pve_standin.core.errors import ApiError
from pve_standin.core.https import Client, ConnectionFailed, ticket_headers

# tells the receiving node not to pass the request on once more
NO_PROXY_HEADER = "PVEDisableProxy"


def call(node: str, verb: str, path: str, params: Mapping[str, Any], user: str) -> Any:
    """Run a request on `node` as `user`; 595: it cannot be reached, 596: its certificate is not the known one."""
    from pve_standin.cluster import certificates

    address = cfs.node_ip(node)

    def trust(seen: str) -> None:
        try:
            known = certificates.certificate_fingerprint(node)
        except OSError as error:
            raise ApiError(596, f"no certificate of node '{node}' known") from error
        if seen != known:
            raise ApiError(596, "tls_process_server_certificate: certificate verify failed")

    client = Client(address, headers={NO_PROXY_HEADER: "true", **credentials(user)}, trust=trust)
    try:
        return client.request(verb, path, params)
    except ConnectionFailed as error:
        raise ApiError(595, str(error)) from error


def credentials(user: str) -> dict[str, str]:
    """Headers that prove the user to another node of the same cluster."""
    if "!" in user:
        secret = users.parse_secrets(cfs.cfs_read(paths.TOKEN_CFG) or "").get(user, "")
        return {"Authorization": f"PVEAPIToken={user}={secret}"}
    return ticket_headers(ticket.assemble_ticket(user), ticket.assemble_csrf(user))
