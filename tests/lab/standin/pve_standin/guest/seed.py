"""What a machine's cloud-init drive has besides the user data: its network, its identity, and the image itself."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from ipaddress import ip_interface
from pathlib import Path

from pve_standin.api.schema import split_list
from pve_standin.core.errors import ApiError
from pve_standin.core.exec import run
from pve_standin.guest import config
from pve_standin.guest.config import Config

RESOLV_CONF = Path("/etc/resolv.conf")
#: Upstream makes the drive as large, whatever is in it.
_BYTES = 4 << 20


def network_data(current: Config) -> str:
    """Version 1 of cloud-init's own format. A card without ipconfig is left out."""
    lines = ["version: 1", "config:"]
    for key in sorted((key for key in current if config.is_net(key)), key=lambda key: int(key[3:])):
        subnets = list(_subnets(str(current.get(f"ipconfig{key[3:]}", ""))))
        if subnets:
            address = str(current[key]).partition(",")[0].partition("=")[2].lower()
            lines += ["    - type: physical", f"      name: eth{key[3:]}", f"      mac_address: '{address}'"]
            lines += ["      subnets:", *(f"      {line}" for line in subnets)]
    servers, domains = _resolver(current)
    lines += ["    - type: nameserver"]
    lines += ["      address:", *(f"      - '{one}'" for one in servers)] if servers else []
    lines += ["      search:", *(f"      - '{one}'" for one in domains)] if domains else []
    return "\n".join(lines) + "\n"


def _subnets(text: str) -> Iterator[str]:
    said = dict(part.partition("=")[::2] for part in text.split(",") if part)
    ip, ip6 = said.get("ip", ""), said.get("ip6", "")
    if ip == "dhcp":
        yield "- type: dhcp4"
    elif ip:
        given = ip_interface(ip)
        yield from ("- type: static", f"  address: '{given.ip}'", f"  netmask: '{given.netmask}'")
        yield from (f"  gateway: '{gateway}'" for gateway in [said.get("gw")] if gateway)
    if ip6 in ("auto", "dhcp"):
        yield "- type: ipv6_slaac" if ip6 == "auto" else "- type: dhcp6"
    elif ip6:
        yield from ("- type: static6", f"  address: '{ip6}'")
        yield from (f"  gateway: '{gateway}'" for gateway in [said.get("gw6")] if gateway)


def _resolver(current: Config) -> tuple[list[str], list[str]]:
    """Where nothing is said of either, both are the node's own."""
    said = [split_list(str(current.get(key, ""))) for key in ("nameserver", "searchdomain")]
    if not any(said) and RESOLV_CONF.exists():
        words = [line.split() for line in RESOLV_CONF.read_text(encoding="utf-8").splitlines()]
        said = [[one for line in words if line[:1] == [key] for one in line[1:]] for key in ("nameserver", "search")]
    return said[0], said[1]


def meta_data(user: str, network: str) -> str:
    """Another identity whenever anything of the two is another: then the guest is a new machine to cloud-init."""
    return f"instance-id: {hashlib.sha1((user + network).encode()).hexdigest()}\n"


def write_image(path: Path, user: str, current: Config) -> None:
    """The drive's volume, as upstream makes it of the type nocloud."""
    if current.get("citype", "nocloud") != "nocloud":
        raise ApiError(501, "the lab makes cloud-init drives of the type nocloud only")
    network = network_data(current)
    files = {"user-data": user, "network-config": network, "meta-data": meta_data(user, network), "vendor-data": ""}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        run(["genisoimage", "-quiet", "-iso-level", "3", "-R", "-J", "-V", "cidata", "-o", str(path), folder])
    os.truncate(path, _BYTES)
