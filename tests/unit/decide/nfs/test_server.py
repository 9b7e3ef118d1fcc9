"""nfs_server: tables of (desired, observed) → plan."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import EXPORTS_FILE
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT

from ....doubles.support import FakeNode, assert_converges_from_every_kill
from .nfs_server_support import ETAB, NETWORK, client, export, fresh, params

WRITE = f"file.write:{EXPORTS_FILE}"
HAND_OVER = "exports.reload"


def plan_of(node: FakeNode, *exports: dict[str, Any], **allowed: bool) -> list[str]:
    """The ids of the steps."""
    plan = make_plan(SUBJECT, params(*exports, **allowed), node)
    assert not plan.refusals
    return [step.id for step in plan.steps]


def converged(*exports: dict[str, Any], **allowed: bool) -> FakeNode:
    """A node on which a first run has done everything."""
    node = fresh()
    for step in make_plan(SUBJECT, params(*exports, **allowed), node).steps:
        node.act(step)
    assert not make_plan(SUBJECT, params(*exports, **allowed), node).steps
    return node


def test_first_run_says_everything_it_will_do() -> None:
    plan = make_plan(SUBJECT, params(export()), fresh())
    assert plan.sentences == [
        "install nfs-kernel-server",
        "make the directory /srv/share (root:root, 0755)",
        f"write {EXPORTS_FILE} (tried by exportfs first)",
        "enable and start nfs-server",
        "hand the exports to the running server (exportfs -ra)",
    ]
    assert [step.id for step in plan.steps] == [
        "package.install:nfs-kernel-server",
        "directory.make:/srv/share",
        WRITE,
        "service.enable:nfs-server",
        HAND_OVER,
    ]


KILLED = {
    "one export": ([export()], {}),
    "three exports": ([export("/srv/a"), export("/srv/b", mode="0770"), export("/srv/c d")], {}),
    "two kinds of clients": ([export(clients=[client("10.10.2.0/24"), client("fd00:2::/64", "ro")])], {}),
    "allowed dangers": (
        [export(mode="0777", clients=[client("*", "rw", "insecure")])],
        {"allow_any_client": True, "allow_insecure_ports": True, "allow_world_writable": True},
    ),
}


@pytest.mark.parametrize("name", KILLED)
def test_a_run_killed_after_any_step_is_finished_by_the_next(name: str) -> None:
    exports, allowed = KILLED[name]
    assert_converges_from_every_kill(SUBJECT, params(*exports, **allowed), fresh)


def test_a_removal_killed_after_any_step_leaves_nothing_exported() -> None:
    def exporting() -> FakeNode:
        return converged(export("/srv/a"), export("/srv/b"))

    assert assert_converges_from_every_kill(SUBJECT, params(), exporting) == 3
    node = exporting()
    for step in make_plan(SUBJECT, params(), node).steps:
        node.act(step)
    assert node.files[ETAB] == ""


def test_without_exports_nothing_is_installed() -> None:
    assert plan_of(fresh()) == []


#: What does not matter: (declared before, wanted now).
SAME = {
    "order of options": (client(NETWORK, "rw", "sync"), client(NETWORK, "sync", "rw")),
    "a default spelled out": (client(NETWORK, "rw"), client(NETWORK, "rw", "sync", "root_squash", "secure")),
    "a synonym": (client(NETWORK, "rw", "auth_nlm"), client(NETWORK, "rw", "secure_locks")),
    "the anonymous account": (client(NETWORK, "rw", "anonuid=-2"), client(NETWORK, "rw", "anonuid=4294967294")),
    "the default account": (client(NETWORK, "rw", "anonuid=65534"), client(NETWORK, "rw")),
    "the root of all exports": (client(NETWORK, "fsid=root"), client(NETWORK, "fsid=0")),
    "a netmask": (client("10.10.2.0/255.255.255.0"), client("10.10.2.0/24")),
    "host bits": (client("10.10.2.7/24"), client("10.10.2.0/24")),
    "IPv6 zeros": (client("FD00:0:0::1"), client("fd00::1")),
    "an IPv6 network": (client("fd00:0:0:2::/64"), client("FD00:0:0:2:0::/64")),
    "capital letters": (client("PVE1.example.org"), client("pve1.example.org")),
}


@pytest.mark.parametrize("name", SAME)
def test_what_means_the_same_is_no_change(name: str) -> None:
    before, now = SAME[name]
    assert plan_of(converged(export(clients=[before])), export(clients=[now])) == []


def test_the_order_of_clients_and_exports_is_no_change() -> None:
    one, two = client("10.10.2.0/24"), client("fd00:2::/64", "ro")
    node = converged(export("/srv/a", clients=[one, two]), export("/srv/b"))
    assert plan_of(node, export("/srv/b"), export("/srv/a", clients=[two, one])) == []


#: What matters: (declared before, wanted now).
DIFFERENT = {
    "access": (client(NETWORK, "rw"), client(NETWORK, "ro")),
    "sync": (client(NETWORK, "rw"), client(NETWORK, "rw", "async")),
    "root": (client(NETWORK, "rw"), client(NETWORK, "rw", "no_root_squash")),
    "everyone": (client(NETWORK, "rw"), client(NETWORK, "rw", "all_squash")),
    "subtree": (client(NETWORK, "rw"), client(NETWORK, "rw", "subtree_check")),
    "an account": (client(NETWORK, "rw"), client(NETWORK, "rw", "anonuid=1000")),
    "a file system id": (client(NETWORK, "rw"), client(NETWORK, "rw", "fsid=7")),
    "security": (client(NETWORK, "rw"), client(NETWORK, "rw", "sec=krb5:krb5i")),
    "label": (client(NETWORK, "rw", "security_label"), client(NETWORK, "rw")),
    "mount point": (client(NETWORK, "rw", "mp=/srv"), client(NETWORK, "rw")),
    "a longer prefix": (client("10.10.2.0/24"), client("10.10.2.0/25")),
    "another network": (client("10.10.2.0/24"), client("10.10.3.0/24")),
    "another netgroup": (client("@nodes"), client("@Nodes")),
    "one address of the network": (client("10.10.2.0/24"), client("10.10.2.1")),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_means_something_else_is_written_and_handed_over(name: str) -> None:
    before, now = DIFFERENT[name]
    assert plan_of(converged(export(clients=[before])), export(clients=[now])) == [WRITE, HAND_OVER]


@pytest.mark.parametrize(
    ("declared", "served"),
    [
        pytest.param(export(), "", id="nothing served"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(ro,sync)\n", id="served read-only"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(rw,sync,no_root_squash)\n", id="served with root"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(rw,async)\n", id="served without sync"),
        pytest.param(export(), "/srv/share\t10.10.3.0/24(rw,sync)\n", id="another client"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(rw)\n/srv/share\t*(ro)\n", id="one client more"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(rw)\n/srv/old\t*(ro)\n", id="a stale export"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(rw,fsid=3,mountpoint)\n", id="a condition more"),
        pytest.param(export(clients=[client("pve2")]), "/srv/share\tpve2.lan(ro)\n", id="a name, read-only"),
        pytest.param(export(clients=[client("pve2")]), "/srv/share\t10.0.0.1(rw)\n", id="no name at all"),
    ],
)
def test_what_is_served_is_compared_in_detail(declared: dict[str, Any], served: str) -> None:
    node = converged(declared)
    node.files[ETAB] = served
    assert plan_of(node, declared) == [HAND_OVER]


@pytest.mark.parametrize(
    ("hosts", "served"),
    [
        (["pve2"], "/srv/share\tpve2.example.org(rw)\n"),
        (["pve2", "pve3"], "/srv/share\tpve3.example.org(rw)\n/srv/share\tnode2.example.org(rw)\n"),
        (["pve2", "10.10.2.0/24"], "/srv/share\tpve2.lan(rw)\n/srv/share\t10.10.2.0/24(rw)\n"),
        (["@nodes"], "/srv/share\t@nodes(rw)\n"),
        (["*.example.org"], "/srv/share\t*.example.org(rw)\n"),
    ],
)
def test_exportfs_serves_what_a_name_resolves_to(hosts: list[str], served: str) -> None:
    wanted = export(clients=[client(host) for host in hosts])
    node = converged(wanted)
    node.files[ETAB] = served
    assert plan_of(node, wanted) == []


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (("root", "root", 0o777), "correct owner and mode of /srv/share (root:root, 0755)"),
        (("bob", "root", 0o755), "correct owner and mode of /srv/share (root:root, 0755)"),
        (("root", "staff", 0o755), "correct owner and mode of /srv/share (root:root, 0755)"),
        (None, "make the directory /srv/share (root:root, 0755)"),
    ],
)
def test_the_directory_is_made_or_corrected_and_nothing_else(found: Any, sentence: str) -> None:
    node = converged(export())
    del node.directories["/srv/share"]
    if found:
        node.directories["/srv/share"] = found
    plan = make_plan(SUBJECT, params(export()), node)
    assert plan.sentences == [sentence] and plan.steps[0].id == "directory.make:/srv/share"


def test_other_files_are_left_alone_and_their_exports_are_not_stale() -> None:
    node = converged(export())
    node.files["/etc/exports"] = "/srv/other 10.9.0.0/24(ro)\n"
    node.files[ETAB] += "/srv/other\t10.9.0.0/24(ro,sync)\n"
    assert plan_of(node, export()) == []


def test_the_new_file_is_tried_by_exportfs_before_it_replaces_the_old_one() -> None:
    action = next(step.action for step in make_plan(SUBJECT, params(export()), fresh()).steps if step.id == WRITE)
    assert isinstance(action, WriteFile)
    assert f"BindReadOnlyPaths=%s:{EXPORTS_FILE}" in action.validate
    assert "TemporaryFileSystem=/var/lib/nfs" in action.validate
    assert action.validate[-2:] == ("exportfs", "-ra")
