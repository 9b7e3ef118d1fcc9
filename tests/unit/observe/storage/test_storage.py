"""storage: observed from what a real cluster's files and commands say."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import StepFailed, Unreadable
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed, Recorder, Replay
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.observe.storage.storage import observe, parse_members
from ansible_collections.baremetal.virt.plugins.module_utils.transport.node import Node
from ansible_collections.baremetal.virt.plugins.module_utils.transport.perform import perform
from ansible_collections.baremetal.virt.plugins.modules.storage import SUBJECT

from ....doubles.support import FakeNode, transcript
from ...decide.storage.storage_support import BACKUP, DIRECTORY, SHARE, converged, on_real_node, params


def test_a_real_cluster() -> None:
    observed = observe(on_real_node())
    assert set(observed.entries) == {"d1", "local", "vmpool", "cephfs", "n2"}
    assert observed.entries["vmpool"].type == "rbd"
    assert observed.members == {"pve1", "pve2", "pve3"} and observed.quorate
    assert set(observed.digests) == {"/etc/pve/priv/ceph/vmpool.keyring", "/etc/pve/priv/ceph/cephfs.secret"}


def test_bare_debian_has_nothing_but_local() -> None:
    observed = observe(FakeNode())
    assert set(observed.entries) == {"local"} and observed.members is None and observed.quorate


def test_a_node_without_a_cluster_has_no_members() -> None:
    assert parse_members(transcript("029-nocluster-etc-pve-members").stdout) is None


def test_members_that_are_not_json_are_said() -> None:
    with pytest.raises(Unreadable, match="does not hold JSON"):
        parse_members("{")


def test_one_reading_without_wishes_answers_everything_a_converged_run_asks() -> None:
    wanted: list[dict[str, Any]] = [DIRECTORY, SHARE, {**BACKUP, "password": "s3cret", "encryption_key": "autogen"}]
    recorder = Recorder(converged(*wanted))
    observe(recorder)
    assert make_plan(SUBJECT, params(*wanted), Replay(recorder.recording)).steps == ()


class Answering(Node):
    """A node whose pvesm gives recorded answers."""

    def __init__(self, answer: Completed) -> None:
        self._answer = answer

    def execute(self, argv: object, **options: object) -> Completed:
        return self._answer


#: (recorded failure, what the message must tell)
FAILURES = [
    ("101-noquorum-pvesm-add", "no quorum!"),
    ("102-noquorum-pvesm-set", "no quorum!"),
    ("185-pvesm-add-dir-again", "storage ID 'd1' already defined"),
    ("188-pvesm-add-nfs-unreachable", "Does the server export the directory to this node?"),
    ("192-pvesm-set-nosuch", "storage 'nosuch' does not exist"),
    ("193-pvesm-remove-nosuch", "storage 'nosuch' does not exist"),
]


@pytest.mark.parametrize(("name", "words"), FAILURES)
def test_what_pvesm_says_reaches_the_user(name: str, words: str) -> None:
    step = make_plan(SUBJECT, params(SHARE), FakeNode()).steps[0]
    with pytest.raises(StepFailed) as caught:
        perform(step, Answering(transcript(name)))
    assert words in str(caught.value.as_result()["msg"])


def test_an_exit_of_0_with_a_warning_is_not_taken_for_a_proof() -> None:
    answer = transcript("228-pvesm-add-again-rbd-noceph")
    assert answer.rc == 0
    log = perform(Step("add", Run(("pvesm", "add", "rbd", "nope")), "storage.add:nope", "storage"), Answering(answer))
    assert "authentication is disabled" in log  # kept for the log; the entry itself is read again from storage.cfg
