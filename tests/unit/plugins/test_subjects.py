"""Subjects are registered by being there: Ansible's register of the collection is written from the modules."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.baremetal.virt.plugins.action.subject import ActionModule
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Inquiry, Subject
from ansible_collections.baremetal.virt.plugins.modules.ceph_health_info import INQUIRY as CEPH_HEALTH
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT as NFS_SERVER
from ansible_collections.baremetal.virt.plugins.modules.node_info import INQUIRY as NODE_INFO
from ansible_collections.baremetal.virt.plugins.plugin_utils import subjects
from ansible_collections.baremetal.virt.plugins.plugin_utils.fast_path import InquiryAction, SubjectAction
from ansible_collections.baremetal.virt.plugins.plugin_utils.patient import PatientAction

REGISTER = Path(__file__).resolve().parents[3] / "meta" / "runtime.yml"
HEADING = "# Written by `make runtime` from plugins/modules.\n"


def register() -> str:
    """What Ansible is to know: all modules in one group, and one action plugin for those without their own."""
    group = "".join(f"    - {name}\n" for name in subjects.modules())
    routing = "".join(f"    {name}: {{action_plugin: baremetal.virt.subject}}\n" for name in subjects.served_here())
    needed = yaml.safe_load(REGISTER.read_text())["requires_ansible"]
    return (
        f'---\n{HEADING}requires_ansible: "{needed}"\n'
        f"action_groups:\n  all:\n{group}plugin_routing:\n  modules:\n{routing}"
    )


def test_the_register_is_written_from_the_modules() -> None:
    if os.environ.get("WRITE_GOLDEN"):
        REGISTER.write_text(register())
    assert REGISTER.read_text() == register(), "write it again: make runtime"


@pytest.mark.parametrize("name", subjects.modules())
def test_a_module_is_called_by_the_name_of_its_subject(name: str) -> None:
    found = subjects._find(name)
    assert found is None or found.name == name


@pytest.mark.parametrize(
    ("name", "found", "kind"),
    [
        ("baremetal.virt.nfs_server", NFS_SERVER, SubjectAction),
        ("nfs_server", NFS_SERVER, SubjectAction),
        ("baremetal.virt.node_info", NODE_INFO, InquiryAction),
        ("baremetal.virt.ceph_health_info", CEPH_HEALTH, PatientAction),
    ],
)
def test_a_task_is_carried_out_as_what_its_module_is(name: str, found: subjects.Known, kind: type) -> None:
    assert subjects.named(name) is found
    action = _action(name)._for(found)
    assert type(action) is kind
    assert getattr(action, "subject" if isinstance(found, Subject) else "inquiry") is found


def test_the_plugin_is_nothing_by_itself() -> None:
    with pytest.raises(AnsibleActionFail, match="no module of its own"):
        _action("baremetal.virt.subject").run()


def _action(name: str) -> ActionModule:
    task: Any = SimpleNamespace(action=name, async_val=0)
    connection: Any = SimpleNamespace()
    return ActionModule(task, connection, None, None, None, None)


def test_what_waits_says_so_in_terms_of_its_answer() -> None:
    """The keys that are waited for and shown must be ones that the module returns."""
    for name in subjects.modules():
        found = subjects._find(name)
        if isinstance(found, Inquiry) and found.waiting:
            module = __import__(f"{subjects._PACKAGE}.modules.{name}", fromlist=["x"])
            assert {found.waiting.pending, *found.waiting.shown} <= set(yaml.safe_load(module.RETURN))
            assert {"timeout", "interval"} <= set(found.argument_spec)


@pytest.mark.parametrize("name", subjects.modules())
def test_what_only_reads_says_so_in_its_name(name: str) -> None:
    assert isinstance(subjects._find(name), Inquiry) is name.endswith("_info")
