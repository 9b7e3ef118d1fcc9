# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node has for the networks of pods, in the form in which it is declared, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...model.cni.conflist import ConfFile
from ...model.cni.network import Around
from ...model.cni.node import CniNode
from ...model.cni.plugins import silent
from ...model.cni.preflight import findings, pod_mtu
from ...model.cni.winner import RUNTIMES, chosen
from .faults import lists_meet, on_node, spoken
from .network import told_chosen


def describe(node: CniNode, around: Around, max_conf_num: int, settings: Mapping[str, Optional[int]]) -> dict[str, Any]:
    files, loaded = list(node.files.values()), {name: one for name, one in node.files.items() if one.conflist}
    names = list(dict.fromkeys(one.conflist.name for one in loaded.values() if one.conflist))
    wins = {runtime: told_chosen(chosen(runtime, files, "", max_conf_num)) for runtime in RUNTIMES[:2]}
    return {
        "lists": [
            {"file": name, "config": one.conflist.document}
            for name, one in loaded.items()
            if one.conflist and name.endswith(".conflist")
        ],
        "not_loaded": {one.name: one.reason for one in files if not one.conflist},
        "wins": {**wins, "cnitool": {name: told_chosen(chosen("cnitool", files, name, 0)) for name in names}},
        "faults": _faults(node, around),
        "silent": {name: silent(one.conflist) for name, one in loaded.items() if one.conflist},
        "plugins": {
            kind: {"path": one.path, "versions": list(one.versions), "release": one.release}
            for kind, one in node.programs.items()
        },
        "runtime": vars(node.runtime) if node.runtime else None,
        "mtu": node.mtu,
        "pod_mtu": pod_mtu(node.mtu),
        "preflight": [vars(one) for one in findings(node.links, settings, node.mtu)],
    }


def _faults(node: CniNode, around: Around) -> list[dict[str, Any]]:
    found = [
        (name, fault)
        for name, one in node.files.items()
        if one.conflist
        for fault in (*spoken(one.conflist, around), *on_node(one.conflist, node, around))
    ]
    lists = {name: one.conflist for name, one in node.files.items() if one.conflist}
    found += [(name, fault) for name, _other, fault in lists_meet(lists)]
    return [*({"file": name, **vars(fault)} for name, fault in found), *_unloadable(node.files)]


def _unloadable(files: Mapping[str, ConfFile]) -> list[dict[str, Any]]:
    return [
        {"file": name, "topic": "does_not_load", "text": one.reason, "hint": "", "told": False}
        for name, one in files.items()
        if not one.conflist
    ]
