# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Between whom a proof of pod networks is wanted, and what is wrong with that whatever the node says."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.cni.proof import Pod, Target

#: From what every host takes to the largest packet of IP.
_SIZES = range(576, 65536)


def pods_from(params: Mapping[str, Any]) -> list[Pod]:
    """With addresses as the other end tells them."""
    pods = [Pod(one["name"], one["node"], one["netns"], tuple(map(_plain, one["addresses"]))) for one in params["pods"]]
    addresses = [address for pod in pods for address in pod.addresses]
    problems = [f"{one!r} is no address." for one in addresses if not _is_address(one)]
    problems += [f"{pod.name} has no address, so nothing could be proved of it." for pod in pods if not pod.addresses]
    problems += [] if pods else ["pods: none is named, so nothing could be proved."]
    problems += [f"{one} is the address of more than one pod." for one in _twice(addresses)]
    problems += [f"{one} is the name of more than one pod." for one in _twice([pod.name for pod in pods])]
    if params["mtu"] and params["mtu"] not in _SIZES:
        problems.append(f"mtu: {params['mtu']} is none.")
    if problems:
        raise Invalid(" ".join(problems))
    return pods


def targets_from(params: Mapping[str, Any]) -> list[Target]:
    wrong = [one["address"] for one in params["targets"] if not _is_address(one["address"])]
    if wrong:
        raise Invalid(f"{wrong[0]!r} is no address.")
    return [Target(one["address"], one["port"], one["name"]) for one in params["targets"]]


def _twice(words: list[str]) -> list[str]:
    return sorted({word for word in words if words.count(word) > 1})


def _plain(text: str) -> str:
    """One spelling of an address; what is none stays as it is."""
    return str(ipaddress.ip_address(text)) if _is_address(text) else text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
