"""nfs_server: threads and versions, declared in nfs.conf, and handed to a running server as far as it takes them."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.nfs.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.conf import SETTINGS_FILE
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT

from ....doubles.support import FakeNode, assert_converges_from_every_kill
from .nfs_server_support import export, fresh, params

THREADS, SPOKEN = "/proc/fs/nfsd/threads", "/proc/fs/nfsd/versions"
ALL = "+3 +4 +4.1 +4.2\n"


def serving(threads: str = "8\n", versions: str = ALL) -> FakeNode:
    """A node whose kernel serves an export with its own defaults."""
    node = fresh()
    for step in make_plan(SUBJECT, params(export()), node).steps:
        node.act(step)
    node.files.update({THREADS: threads, SPOKEN: versions})
    node.effects[("rpc.nfsd",)] = lambda node: node.files.update({THREADS: "16\n"})
    return node


def plan_of(node: FakeNode, **settings: Any) -> Plan:
    return make_plan(SUBJECT, params(export(), **settings), node)


def test_without_settings_nothing_is_said_of_them() -> None:
    assert plan_of(serving()) == plan_of(serving(), threads=None, versions=None)
    assert not plan_of(serving()).steps


def test_settings_are_declared_before_the_package_starts_the_server() -> None:
    plan = plan_of(fresh(), threads=16, versions=["3", "4.2"])
    assert [step.id for step in plan.steps][:2] == [f"file.write:{SETTINGS_FILE}", "package.install:nfs-kernel-server"]
    assert plan.steps[0].why == f"write {SETTINGS_FILE} (16 threads, NFS 3, 4.2)"


def test_a_running_server_is_given_its_threads() -> None:
    assert plan_of(serving(), threads=16).sentences == [
        f"write {SETTINGS_FILE} (16 threads)",
        "give the running server 16 threads in place of 8 (rpc.nfsd)",
    ]
    assert_converges_from_every_kill(SUBJECT, params(export(), threads=16), serving)


def test_other_versions_wait_for_the_next_start_and_this_is_said() -> None:
    plan = plan_of(serving(), versions=["3", "4.2"])
    assert plan.sentences == [f"write {SETTINGS_FILE} (NFS 3, 4.2)"]
    assert "speaks 3, 4.0, 4.1, 4.2; it will speak 3, 4.2" in plan.warnings[0]
    assert not any("restart" in " ".join(getattr(step.action, "argv", ())) for step in plan.steps)
    spoken = serving(versions="+3 +4 -4.0 -4.1 +4.2\n")
    assert not plan_of(spoken, versions=["3", "4.2"]).warnings


@pytest.mark.parametrize("text", ["[nfsd]\nthreads = 16\n", "# ours\n[nfsd]\nthreads=16\n"])
def test_another_spelling_is_no_change(text: str) -> None:
    node = serving(threads="16\n")
    node.files[SETTINGS_FILE] = text
    assert not plan_of(node, threads=16).steps


def test_settings_taken_back_leave_no_file() -> None:
    node = serving()
    node.files[SETTINGS_FILE] = "[nfsd]\nthreads=16\n"
    assert plan_of(node).sentences == [f"remove {SETTINGS_FILE} (the server's own defaults hold again)"]


@pytest.mark.parametrize(("name", "refused"), [("local.conf", True), ("00-local.conf", False)])
def test_a_file_that_has_the_last_word_is_named(name: str, refused: bool) -> None:
    node = serving()
    node.files[f"/etc/nfs.conf.d/{name}"] = "[nfsd]\nthreads=4\n"
    reasons = [refusal.reason for refusal in plan_of(node, threads=16).refusals]
    assert reasons == (
        [f"/etc/nfs.conf.d/{name} is read after {SETTINGS_FILE} and says otherwise: threads=4."] if refused else []
    )


@pytest.mark.parametrize(("codename", "refused"), [("bullseye", True), ("bookworm", False), ("trixie", False)])
def test_debian_11_has_no_such_file(codename: str, refused: bool) -> None:
    node = serving()
    node.files["/etc/os-release"] = f"ID=debian\nVERSION_CODENAME={codename}\n"
    assert bool(plan_of(node, threads=16).refusals) == refused
    assert not plan_of(node).refusals


@pytest.mark.parametrize(
    ("threads", "versions", "words"),
    [(0, None, "cannot serve"), (None, [], "is empty"), (None, ["4.2"], "cannot be seen from the nodes")],
)
def test_what_cannot_work_is_invalid(threads: Optional[int], versions: Optional[list[str]], words: str) -> None:
    shared = export(storage={"id": "share", "content": ["iso"]})
    with pytest.raises(Invalid, match=words):
        desired_from(params(shared, threads=threads, versions=versions))
