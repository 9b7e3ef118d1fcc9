# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which file a runtime takes: each in its own order, and with its own way at a file that does not load.

Upstream: containerd/go-cni opts.go, cri-o/ocicni, containernetworking/cni libcni/conf.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .conflist import SUFFIXES, ConfFile

Runtime = Literal["containerd", "cri-o", "cnitool"]
RUNTIMES: tuple[Runtime, ...] = ("containerd", "cri-o", "cnitool")


@dataclass(frozen=True)
class Chosen:
    """``files``: those that are used, the one of the first interface first. ``stopped_by``: a file that keeps the
    runtime from having any network at all."""

    files: tuple[str, ...] = ()
    stopped_by: str = ""


def chosen(runtime: Runtime, files: Sequence[ConfFile], network: str, max_conf_num: int) -> Chosen:
    """``network``: what cnitool is asked for. ``max_conf_num``: how many files containerd reads; 0 for all."""
    if runtime == "cnitool":
        return _by_name(files, network)
    found = sorted((one for one in files if one.name.endswith(SUFFIXES)), key=lambda one: one.name)
    if runtime == "cri-o":  # what does not load is passed over, and so is a name that was there before
        return Chosen(tuple(one.name for one in found if one.conflist is not None)[:1])
    read = found[:max_conf_num] if max_conf_num else found
    broken = [one.name for one in read if one.conflist is None]
    return Chosen(stopped_by=broken[0]) if broken else Chosen(tuple(one.name for one in read))


def _by_name(files: Sequence[ConfFile], network: str) -> Chosen:
    """All lists before all single plugins, and nothing behind a file that does not load."""
    for suffixes in ((".conflist",), (".conf", ".json")):
        for one in sorted((one for one in files if one.name.endswith(suffixes)), key=lambda one: one.name):
            if one.conflist is None:
                return Chosen(stopped_by=one.name)
            if one.conflist.name == network:
                return Chosen((one.name,))
    return Chosen()
