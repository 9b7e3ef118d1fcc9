# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wanted of the networks of pods, and everything that is wrong with it whatever the node says."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...engine.errors import Invalid
from ...model.cni.conflist import Conflist, Fault, read
from ...model.cni.network import Archive, Around, DesiredCni
from ...model.cni.ranges import Network
from .faults import lists_meet, sentences, spoken

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*\.conflist")


def desired_from(params: Mapping[str, Any]) -> DesiredCni:
    around = around_from(params)
    problems = [*_files(params["lists"]), *_others(params)]
    lists: dict[str, Conflist] = {}
    for one in params["lists"]:
        if one["state"] == "present" and one["config"] is not None:
            found = read(one["config"])
            if isinstance(found, Fault):
                problems += sentences([found], one["file"])
                continue
            lists[one["file"]] = found
            problems += sentences([fault for fault in spoken(found, around) if not fault.told], one["file"])
    for name, _other, fault in lists_meet(lists):
        problems += sentences([fault], name)
    if problems:
        raise Invalid(" ".join(problems))
    return DesiredCni(
        lists=lists,
        absent=tuple(one["file"] for one in params["lists"] if one["state"] == "absent"),
        around=around,
        conf_dir=params["conf_dir"],
        bin_dirs=tuple(params["bin_dirs"]),
        package=params["package"],
        archive=Archive(**params["archive"]) if params["archive"] else None,
        runtime=params["runtime"],
        max_conf_num=params["max_conf_num"],
        socket=params["runtime_socket"],
        bridges_removed=tuple(params["bridges_removed"]),
    )


def around_from(params: Mapping[str, Any]) -> Around:
    return Around(
        networks(params["pod_prefixes"]), networks(params["service_prefixes"]), params["mtu"], params["overhead"]
    )


def networks(listed: Sequence[str]) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(one) for one in listed)
    except ValueError as error:
        raise Invalid(f"{error}: it is no network in CIDR form.") from error


def _others(params: Mapping[str, Any]) -> Iterator[str]:
    for name in ("mtu", "overhead", "max_conf_num"):
        if params[name] < 0:
            yield f"{name}: {params[name]} is less than 0."
    if not params["bin_dirs"]:
        yield "bin_dirs: no directory is named."
    if params["archive"] and not _SHA256.fullmatch(params["archive"]["sha256"]):
        yield "archive: sha256 has 64 hexadecimal digits, in lower case."


def _files(lists: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [one["file"] for one in lists]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} is declared more than once."
    for one in lists:
        if not _FILE.fullmatch(one["file"]):
            yield f"{one['file']!r} is no name for a list: it has no slash and ends in .conflist."
        if one["state"] == "present" and one["config"] is None:
            yield f"{one['file']} has no config."
