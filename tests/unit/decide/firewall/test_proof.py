"""Whether a rule set is in the kernel: what upstream's tools print, read and judged."""

from __future__ import annotations

import json

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.firewall.proof import not_applied
from ansible_collections.baremetal.virt.plugins.module_utils.model.firewall.firewall import RECORD
from ansible_collections.baremetal.virt.plugins.module_utils.observe.firewall.applied import (
    COMPILE,
    JOURNAL,
    STATUS,
    observe,
)
from ansible_collections.baremetal.virt.plugins.modules.firewall_proof_info import answer

from ....doubles.firewall_node import FirewallNode
from ....doubles.support import printed, transcript


def node(todo: str = "exists", status: str = "", journal: str = "") -> FirewallNode:
    found = FirewallNode(**{RECORD: json.dumps({"state": "pending", "since": 1795987643.5})})
    told = transcript("api/519ci-fw-pve-firewall-compile").stdout
    found.commands[COMPILE] = printed(told.replace("exists PVEFW-HOST-IN", f"{todo} PVEFW-HOST-IN"))
    found.commands[STATUS] = (
        printed(f"Status: {status}\n") if status else transcript("api/519ch-fw-pve-firewall-status")
    )
    found.commands[(*JOURNAL, "@1795987643")] = printed(journal)
    return found


def test_recorded_tools_show_the_rule_set_with_its_digests() -> None:
    seen = observe(node())
    assert seen.status == "enabled/running" and seen.chains["PVEFW-0-management-v4"] == (
        "exists",
        "Q+Mk1gK0wGcX4XKKYxlb/saYchc",
    )
    assert len(seen.chains) == 9 and list(not_applied("pve1", seen)) == []


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (node("update"), "does not have the rule set of the files yet: PVEFW-HOST-IN (update)."),
        (node("create"), "PVEFW-HOST-IN (create)"),
        (node(status="enabled/running (pending changes)"), "is enabled/running (pending changes), not"),
        (node(status="disabled/running"), "is disabled/running"),
        (
            node(journal="started\nstatus update error: ipset_restore_cmdlist\n"),
            "could not apply it: status update error",
        ),
    ],
)
def test_what_is_not_in_force_is_missing(made: FirewallNode, told: str) -> None:
    assert told in " ".join(answer(made, {"applied": True, "targets": [], "before": {}})["missing"])


def test_who_answered_before_and_does_not_now_is_missing() -> None:
    made = node()
    made.commands["tcp_reach", "3", "10.1.0.2", "22", "10.1.0.3", "22"] = printed("[false, false]")
    targets = [{"address": f"10.1.0.{number}", "port": 22, "what": f"ssh (pve{number})"} for number in (2, 3)]
    given = {"applied": False, "targets": targets, "before": {"10.1.0.2 22": True, "10.1.0.3 22": False}}
    assert answer(made, given)["missing"] == ["pve1 no longer reaches ssh (pve2) at 10.1.0.2 22."]
