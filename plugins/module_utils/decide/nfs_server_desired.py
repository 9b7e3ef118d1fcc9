# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted NFS server; what contradicts itself or exports(5) is invalid."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Invalid
from ..model.nfs_server import Client, Export, NfsServer, canonical_host
from ..model.nfs_server_options import DEFAULT_OPTIONS, contradictions, unknown

_MODE = re.compile(r"^0[0-7]{3,4}$")
_HOST = re.compile(r"^[^\s()\"#,\\-][^\s()\"#,\\]*$")
_OPTION = re.compile(r"^[a-z_]+(=[^\s()\"#,\\]+)?$")
#: Directories of the operating system: an export would give owner and mode of its own to them.
_SYSTEM = frozenset("/ /bin /boot /dev /etc /home /lib /lib64 /mnt /opt /root /sbin /srv /tmp /usr /var".split())
_VIRTUAL = ("/dev/", "/etc/pve", "/proc", "/run", "/sys")


def desired_from(params: Mapping[str, Any]) -> NfsServer:
    exports = tuple(_export(export) for export in params["exports"])
    paths = [export.path for export in exports]
    for path in paths:
        if paths.count(path) > 1:
            raise Invalid(f"{path} is listed twice.", "Give one export all of its clients.")
    return NfsServer(
        exports,
        allow_any_client=params["allow_any_client"],
        allow_insecure_ports=params["allow_insecure_ports"],
        allow_world_writable=params["allow_world_writable"],
    )


def _export(export: Mapping[str, Any]) -> Export:
    path = export["path"]
    _check_path(path)
    if not _MODE.match(export["mode"]):
        raise Invalid(
            f"{path}: the mode {export['mode']!r} is not an octal number with a leading zero.",
            "Write it as a quoted string, for example '0755': YAML turns an unquoted 0755 into the number 493.",
        )
    clients = tuple(_client(path, client) for client in export["clients"])
    if not clients:
        raise Invalid(f"{path} has no clients.", "Name a network, or leave the export out.")
    hosts = [canonical_host(client.host) for client in clients]
    for host in hosts:
        if hosts.count(host) > 1:
            raise Invalid(f"{path} names the client {host} twice.", "exportfs would use only one of the two.")
    return Export(path, clients, export["owner"], export["group"], int(export["mode"], 8))


def _check_path(path: str) -> None:
    if not path.startswith("/") or path != "/" and path.endswith("/") or "//" in path or "\0" in path:
        raise Invalid(f"The export path {path!r} is not an absolute path without a slash at its end.")
    if re.search(r"\\[0-7]{3}", path):
        raise Invalid(f"exportfs takes the backslash in {path!r} for an octal code.", "Export another path.")
    if {".", ".."} & set(path.split("/")):
        raise Invalid(f"The export path {path!r} contains '.' or '..'.", "Write the path it leads to.")
    if path in _SYSTEM or path.startswith(_VIRTUAL):
        raise Invalid(f"{path} belongs to the operating system.", "Export a directory made for it, such as /srv/share.")


def _client(path: str, client: Mapping[str, Any]) -> Client:
    host = client["host"]
    if not _HOST.match(host) or host == "@":
        raise Invalid(f"{path}: {host!r} is no client.", "Give an address, a network, a host name or @netgroup.")
    if "/" in host or ":" in host:
        _check_network(path, host)
    options = client["options"]
    options = DEFAULT_OPTIONS if options is None else tuple(options)
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
