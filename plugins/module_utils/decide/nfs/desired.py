# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted NFS server; what contradicts itself or exports(5) is invalid."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...engine.errors import Invalid
from ...model.nfs.conf import Settings
from ...model.nfs.options import DEFAULT_OPTIONS, contradictions, unknown
from ...model.nfs.server import Client, DesiredNfsServer, Export, canonical_host

_MODE = re.compile(r"^0[0-7]{3,4}$")
_HOST = re.compile(r"^[^\s()\"#,\\-][^\s()\"#,\\]*$")
_OPTION = re.compile(r"^[a-z_]+(=[^\s()\"#\\]+)?$")
#: Directories of the operating system: an export would change their owner and mode.
_SYSTEM = frozenset("/ /bin /boot /dev /etc /home /lib /lib64 /mnt /opt /root /sbin /srv /tmp /usr /var".split())
#: What Proxmox VE writes as root, with owners of its own; all else it only puts there.
_WRITTEN_AS_ROOT = frozenset(("backup", "images", "rootdir"))
_VIRTUAL = ("/dev/", "/etc/pve", "/proc", "/run", "/sys")


def desired_from(params: Mapping[str, Any]) -> DesiredNfsServer:
    exports = tuple(_export(export, params["networks"]) for export in params["exports"])
    paths = [export.path for export in exports]
    for path in paths:
        if paths.count(path) > 1:
            raise Invalid(f"{path} is listed twice.", "Give one export all of its clients.")
    _check_netgroups(exports)
    return DesiredNfsServer(
        exports,
        allow_any_client=params["allow_any_client"],
        allow_insecure_ports=params["allow_insecure_ports"],
        allow_world_writable=params["allow_world_writable"],
        settings=_settings(params),
    )


def _settings(params: Mapping[str, Any]) -> Settings:
    threads, versions = params["threads"], params["versions"]
    if threads is not None and threads < 1:
        raise Invalid(f"{threads} threads cannot serve.", "Give the number of threads, such as 16, or leave it out.")
    if versions is None:
        return Settings(threads)
    if not versions:
        raise Invalid("The list of versions is empty.", "Name at least one, or leave it out.")
    used = [export["storage"]["id"] for export in params["exports"] if export.get("storage")]
    if "3" not in versions and used:
        raise Invalid(
            f"Without version 3 the exports for {', '.join(used)} cannot be seen from the nodes before they are"
            " mounted: Proxmox VE lists them with showmount.",
            "Keep 3 among the versions; the storages are still mounted with the version in their options.",
        )
    return Settings(threads, frozenset(versions))


def _check_netgroups(exports: Sequence[Export]) -> None:
    """exportfs takes names that differ only in capital letters for the same client, netgroups included."""
    seen: dict[str, str] = {}
    for host in (client.host for export in exports for client in export.clients if client.host.startswith("@")):
        if seen.setdefault(host.lower(), host) != host:
            raise Invalid(f"exportfs takes {seen[host.lower()]} and {host} for one netgroup.", "Rename one of them.")


def _export(export: Mapping[str, Any], networks: Sequence[str]) -> Export:
    path = export["path"]
    _check_path(path)
    if not _MODE.match(export["mode"]):
        raise Invalid(
            f"{path}: the mode {export['mode']!r} is not an octal number with a leading zero.",
            "Write it as a quoted string, for example '0755': YAML turns an unquoted 0755 into the number 493.",
        )
    content = (export.get("storage") or {}).get("content", ())
    fallback = (*DEFAULT_OPTIONS, "no_root_squash") if _WRITTEN_AS_ROOT & set(content) else DEFAULT_OPTIONS
    given = export.get("clients")
    given = [{"host": network, "options": None} for network in networks] if given is None else given
    clients = tuple(_client(path, client, fallback) for client in given)
    if not clients:
        raise Invalid(f"{path} has no clients.", "Name them, or name the storage network for all exports in networks.")
    hosts = [canonical_host(client.host) for client in clients]
    for host in hosts:
        if hosts.count(host) > 1:
            raise Invalid(f"{path} names the client {host} twice.", "exportfs would use only one of the two.")
    owner, group = _account(clients) if content else ("root", "root")
    return Export(path, clients, export["owner"] or owner, export["group"] or group, int(export["mode"], 8))


def _account(clients: Sequence[Client]) -> tuple[str, str]:
    """Who owns a directory that Proxmox VE writes to: the account that its root is mapped to."""
    accounts = {(means["anonuid"], means["anongid"]) for means in (client.means.whole for client in clients)}
    if accounts == {("65534", "65534")} and not any(client.writes_as_root for client in clients):
        return "nobody", "nogroup"
    return "root", "root"


def _check_path(path: str) -> None:
    if not path.startswith("/") or path != "/" and path.endswith("/") or "//" in path or "\0" in path:
        raise Invalid(f"The export path {path!r} is not an absolute path without a slash at its end.")
    if re.search(r"\\[0-7]{3}", path):
        raise Invalid(f"exportfs takes the backslash in {path!r} for an octal code.", "Export another path.")
    if {".", ".."} & set(path.split("/")):
        raise Invalid(f"The export path {path!r} contains '.' or '..'.", "Write the path that it resolves to.")
    if path in _SYSTEM or path.startswith(_VIRTUAL):
        raise Invalid(f"{path} belongs to the operating system.", "Export a directory made for it, such as /srv/share.")


def _client(path: str, client: Mapping[str, Any], fallback: tuple[str, ...]) -> Client:
    host = client["host"]
    if not _HOST.match(host) or host == "@":
        raise Invalid(f"{path}: {host!r} is not a client.", "Give an address, a network, a host name or @netgroup.")
    if "/" in host or ":" in host:
        _check_network(path, host)
    options = client["options"]
    options = fallback if options is None else tuple(options)
    _check_options(f"{path} for {host}", options)
    return Client(host, options)


def _check_network(path: str, host: str) -> None:
    try:
        ipaddress.ip_network(host, strict=False)
    except ValueError as error:
        hint = "Write a network as 10.10.2.0/24 or fd00:10::/64, and an IPv6 address without brackets."
        raise Invalid(f"{path}: {host!r} is neither an address nor a network ({error}).", hint) from error


def _check_options(where: str, options: Sequence[str]) -> None:
    wrong = [option for option in options if not _OPTION.match(option)] or unknown(options)
    if wrong:
        raise Invalid(
            f"{where}: exports(5) knows no option {', '.join(map(repr, wrong))}.", "Give one option per item."
        )
    wrong = contradictions(options)
    if wrong:
        raise Invalid(f"{where}: {', '.join(wrong)} contradicts an option before it.", "Keep one of the two.")
