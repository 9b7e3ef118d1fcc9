"""What of a node is not back yet, as it sees itself and as another member sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import ask
from ansible_collections.baremetal.virt.plugins.modules.upgrade_return_info import INQUIRY

from ....doubles.leaving_ceph import LeavingCeph
from ....doubles.support import Completed, printed, transcript

LINKS = transcript("061-3node-cfgtool-n").stdout


def seen() -> LeavingCeph:
    node = LeavingCeph()
    node.commands["corosync-cfgtool", "-n"] = printed(LINKS)
    node.commands["corosync-cmapctl", "-m", "stats"] = printed("")
    return node


def pending(node: LeavingCeph, name: str = "pve3") -> str:
    answer = ask(INQUIRY, {"node": name, "timeout": 1, "interval": 1, "settled": 0}, node)
    return " ".join(answer["pending"])


def test_all_is_back() -> None:
    assert pending(seen()) == ""
    assert pending(seen(), "pve1") == ""


def cut_link(node: LeavingCeph) -> None:
    at = LINKS.index("connected")
    node.commands["corosync-cfgtool", "-n"] = printed(LINKS[:at] + "disconnected" + LINKS[at + len("connected") :])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda node: node.off("pve3"), "pve3 is not online for pve1."),
        (lambda node: node.off("pve2", "pve3", "pve4"), "pve1 has no quorum."),
        (lambda node: node.commands.update({("corosync-quorumtool", "-s"): Completed(1, "", "")}), "corosync of pve1"),
        (cut_link, "is not connected."),
        (lambda node: node.osd(2).update(up=0), "osd.2 is not up."),
        (lambda node: setattr(node, "states", ("active+clean", "active+undersized+degraded")), "1 placement groups"),
        (
            lambda node: node.commands.update({("ask_ceph", "data"): Completed(1, "", "timed out")}),
            "No monitor of Ceph",
        ),
    ],
)
def test_what_is_missing(change: Callable[[LeavingCeph], Any], words: str) -> None:
    node = seen()
    change(node)
    assert words in pending(node)


def test_a_monitor_that_does_not_vote() -> None:
    node = seen()
    told = node.everything()
    status = {**told["status"], "quorum_names": ["pve1", "pve2"]}
    node.commands["ask_ceph", "data"] = printed(json.dumps({**told, "status": status}))
    assert "mon.pve3 is not in quorum." in pending(node)
    assert pending(node, "pve2") == ""
