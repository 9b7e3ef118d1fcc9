"""Commands as they are to be typed where the report was asked for."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.report.typed import as_typed

REMOVE = "ansible-playbook playbooks/remove_node.yml -e node=pve3"


@pytest.mark.parametrize(
    ("asked", "inventories", "typed"),
    [
        ("playbooks/report.yml", ["hosts.yml"], "ansible-playbook -i hosts.yml playbooks/remove_node.yml -e node=pve3"),
        ("report.yml", [], "ansible-playbook remove_node.yml -e node=pve3"),
        ("baremetal.virt.report", ["a b"], "ansible-playbook -i 'a b' baremetal.virt.remove_node -e node=pve3"),
        ("/opt/my report/report.yml", [], "ansible-playbook '/opt/my report/remove_node.yml' -e node=pve3"),
    ],
)
def test_a_playbook_is_named_as_the_report_was(asked: str, inventories: list[str], typed: str) -> None:
    assert as_typed([REMOVE], asked, inventories) == [typed]


def test_other_commands_stay_as_they_are() -> None:
    assert as_typed(["pvecm expected 1"], "playbooks/report.yml", ["hosts.yml"]) == ["pvecm expected 1"]
