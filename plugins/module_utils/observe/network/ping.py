# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pings with packets of full size."""

from __future__ import annotations

import ipaddress

#: IP and ICMP headers, which the MTU includes and ping's size does not.
_HEADERS = {4: 28, 6: 48}
_LARGEST = 65507


def full_size(address: str, mtu: int) -> tuple[str, ...]:
    """Options: packets that fill the MTU on the way to an address, and that nobody may take apart."""
    size = min(mtu - _HEADERS[ipaddress.ip_address(address).version], _LARGEST)
    return ("-s", str(size), "-M", "do")
