"""Subjects and inquiries go to a node as programs: what comes back, and what does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.baremetal.virt.plugins.modules import cluster, cluster_info, nfs_server
from ansible_collections.baremetal.virt.plugins.plugin_utils import fast_path
from ansible_collections.baremetal.virt.plugins.plugin_utils.node_program import packed, program
from ansible_collections.baremetal.virt.plugins.plugin_utils.run_store import RunStore


class Local:
    """A connection to this machine, and an environment of the task."""

    _templar = SimpleNamespace(template=lambda value: value)

    def _compute_environment_string(self) -> str:
        return "http_proxy=http://10.10.1.1:3128"

    def _low_level_execute_command(self, command: str, in_data: bytes) -> dict[str, Any]:
        done = subprocess.run(["sh", "-c", command], input=in_data, capture_output=True)
        return {"stdout": done.stdout.decode(), "stderr": done.stderr.decode()}


pytestmark = pytest.mark.slow
VARIABLES = {"ansible_python_interpreter": sys.executable}


class Writing(Local, fast_path.SubjectAction):
    subject = nfs_server.SUBJECT

    def __init__(self, check: bool, **args: Any) -> None:
        self._task: Any = SimpleNamespace(check_mode=check, args=args, delegate_to=None)


class Reading(Local, fast_path.InquiryAction):
    inquiry = cluster_info.INQUIRY

    def __init__(self, **args: Any) -> None:
        self._task: Any = SimpleNamespace(args=args, delegate_to=None)


class Silent(Reading):
    def _run_python(self, *given: Any) -> tuple[str, str]:
        raise AnsibleConnectionFailure("no route to host")


@pytest.fixture(autouse=True)
def run_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(tmp_path))


def test_an_inquiry_answers_as_a_program() -> None:
    told = Reading()._ask_node(VARIABLES)
    assert (told["changed"], told["node"], told["member"]) == (False, SimpleNamespace(**told).node, False)
    assert told["node"] and RunStore().asked


def test_a_plan_is_made_as_a_program() -> None:
    wishes = {"exports": [{"path": "/srv/nowhere", "clients": [{"host": "10.10.1.0/24"}]}]}
    assert Writing(True, **wishes)._ask_node(VARIABLES)["steps"]


def test_the_environment_of_the_task_is_that_of_the_program() -> None:
    frame = "import os\nanswer = {'proxy': os.environ['http_proxy']}"
    assert Reading()._execute_program(program(packed([]), frame), VARIABLES) == {"proxy": "http://10.10.1.1:3128"}


def test_the_python_is_that_of_the_host_to_which_the_task_is_delegated() -> None:
    """A quorum device may be another system, with its Python elsewhere."""
    asked: list[str] = []

    class Noting(Reading):
        def _low_level_execute_command(self, command: str, in_data: bytes) -> dict[str, Any]:
            asked.append(command)
            return {}

    variables = {
        "ansible_python_interpreter": "/opt/here",
        "ansible_delegated_vars": {"device": {"ansible_python_interpreter": "/opt/device"}, "plain": {}},
    }
    for delegate_to in (None, "device", "plain"):
        reading = Noting()
        reading._task.delegate_to = delegate_to
        reading._run_python("", variables)
    assert [command.split()[1] for command in asked] == ["/opt/here", "/opt/device", "/usr/bin/python3"]


def test_no_secret_leaves_the_node_as_ansible_shows_all_that_is_printed_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Writing, "subject", cluster.SUBJECT)
    ticket = "PVE:root@pam:66"
    printed: list[str] = []
    action = Writing(True, name="lab", ticket=ticket, password="correct horse", links=[f"{ticket} correct horse"])
    ran = action._run_python

    def noting(*given: Any) -> tuple[str, str]:
        stdout, stderr = ran(*given)
        printed.append(stdout + stderr)
        return stdout, stderr

    monkeypatch.setattr(action, "_run_python", noting)
    told = action._ask_node(VARIABLES)
    assert told["failed"] and "******** ********" in told["msg"]
    assert printed and not any(secret in text for text in printed for secret in (ticket, "correct horse"))


def test_a_failure_on_the_node_is_an_answer() -> None:
    told = Writing(True, exports=[{"path": "not absolute", "clients": [{"host": "10.10.1.0/24"}]}])._ask_node(VARIABLES)
    assert told["failed"] and told["failure"]["kind"] == "Invalid"


def test_only_who_may_be_off_need_not_answer() -> None:
    assert Silent(may_be_off=True)._ask_node(VARIABLES)["answered"] is False
    with pytest.raises(AnsibleConnectionFailure):
        Silent()._ask_node(VARIABLES)
