# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read a host's name, addresses and operating system: two processes and three files."""

from __future__ import annotations

import ipaddress
import shlex
from typing import Any

from ...engine.errors import Unreadable
from ...engine.reader import Reader, recorded
from ...model.node.host import Address, Host, IPAddress

_HOSTNAME = "/proc/sys/kernel/hostname"
OS_RELEASE = "/etc/os-release"
_CONTAINER = "/run/systemd/container"


@recorded
def observe(reader: Reader, desired: object = None) -> Host:
    """``desired`` is taken for the sake of the observers' common form and not looked at."""
    full_name = (reader.read(_HOSTNAME) or "").strip()
    if not full_name:
        raise Unreadable(f"{_HOSTNAME} holds no name.", "Set one with hostnamectl.")
    resolved = reader.run("getent", "ahosts", full_name).stdout
    system = parse_os_release(reader.read(OS_RELEASE) or "")
    return Host(
        name=full_name.partition(".")[0],
        fqdn=canonical_name(resolved) or full_name,
        addresses=parse_addresses(reader.run_json("ip", "-json", "address")),
        resolves_to=parse_ahosts(resolved),
        distribution=system.get("ID", ""),
        release=system.get("VERSION_ID", ""),
        codename=system.get("VERSION_CODENAME", ""),
        container=(reader.read(_CONTAINER) or "").strip() or None,
    )


def parse_addresses(interfaces: Any) -> tuple[Address, ...]:
    """The addresses in ``ip -json address``, without the ones that come and go (IPv6 privacy addresses)."""
    if interfaces is None:
        raise Unreadable("`ip -json address` failed.", "Install iproute2.")
    return tuple(
        Address(
            interface["ifname"], ipaddress.ip_address(entry["local"]), entry["prefixlen"], interface.get("mtu", 1500)
        )
        for interface in interfaces
        for entry in interface.get("addr_info", ())
        if "local" in entry and not entry.get("temporary")
    )


def parse_ahosts(text: str) -> tuple[IPAddress, ...]:
    """The distinct addresses of ``getent ahosts``, in its order; zone suffixes (``%eth0``) are dropped."""
    found = (line.split()[0].partition("%")[0] for line in text.splitlines() if line.strip())
    return tuple(dict.fromkeys(ipaddress.ip_address(address) for address in found))


def canonical_name(text: str) -> str:
    """``getent ahosts`` shows the canonical name once, in its first line."""
    fields = text.splitlines()[0].split() if text.strip() else []
    return fields[2] if len(fields) > 2 else ""


def parse_os_release(text: str) -> dict[str, str]:
    """os-release(5): shell-like assignments."""
    assignments = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): "".join(shlex.split(value)) for key, dummy, value in assignments}
