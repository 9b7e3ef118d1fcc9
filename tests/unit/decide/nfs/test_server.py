"""nfs_server: tables of (desired, observed) → plan."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, WriteFile
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import EXPORTS_FILE
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.paths import canonical_path
from ansible_collections.baremetal.virt.plugins.module_utils.observe.nfs.server import REALPATH
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT

from ....doubles.support import FakeNode, assert_converges_from_every_kill, printed
from .nfs_server_support import ACTIVE, ETAB, NETWORK, client, export, fresh, params

WRITE = f"file.write:{EXPORTS_FILE}"
HAND_OVER = "exports.load"


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
        "hand the exports to the running server (exportfs -a)",
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

    assert assert_converges_from_every_kill(SUBJECT, params(), exporting) == 4
    for kill_after in range(4):
        node = exporting()
        for step in make_plan(SUBJECT, params(), node).steps[:kill_after]:
            node.act(step)
        for step in make_plan(SUBJECT, params(), node).steps:
            node.act(step)
        assert node.files[ETAB] == ""
        assert plan_of(node) == []


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
    node = converged(export(clients=[before]))
    plan = make_plan(SUBJECT, params(export(clients=[now])), node)
    assert [step.id for step in plan.steps][:2] == [WRITE, HAND_OVER]
    for step in plan.steps:
        node.act(step)
    assert node.files[ETAB].startswith(f"/srv/share\t{now['host']}(") and node.files[ETAB].count("\n") == 1
    assert plan_of(node, export(clients=[now])) == []


@pytest.mark.parametrize(
    ("declared", "served"),
    [
        pytest.param(export(), "", id="nothing served"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(ro,sync)\n", id="served read-only"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(rw,sync,no_root_squash)\n", id="served with root"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(rw,async)\n", id="served without sync"),
        pytest.param(export(), "/srv/share\t10.10.3.0/24(rw,sync)\n", id="another client"),
        pytest.param(export(), "/srv/share\t10.10.2.0/24(rw,fsid=3,mountpoint)\n", id="a condition more"),
        pytest.param(export(clients=[client("pve2")]), "/srv/share\tpve2.lan(ro)\n", id="a name, read-only"),
        pytest.param(export(clients=[client("pve2")]), "/srv/share\t10.0.0.1(rw)\n", id="no name at all"),
    ],
)
def test_what_is_served_is_compared_in_detail(declared: dict[str, Any], served: str) -> None:
    node = converged(declared)
    node.files[ETAB] = served
    assert plan_of(node, declared) == [HAND_OVER]


def resolving(node: FakeNode, **names: str) -> FakeNode:
    for name, canonical in names.items():
        node.commands["getent", "ahosts", name] = printed(f"10.10.2.9       STREAM {canonical}\n10.10.2.9  DGRAM\n")
    return node


NAMES = {"pve2": "pve2.example.org", "pve3": "node3.example.org"}


@pytest.mark.parametrize(
    ("hosts", "served", "is_right"),
    [
        (["pve2"], "/srv/share\tpve2.example.org(rw)\n", True),
        (["pve2", "pve3"], "/srv/share\tnode3.example.org(rw)\n/srv/share\tpve2.example.org(rw)\n", True),
        (["pve2", "10.10.2.0/24"], "/srv/share\tpve2.example.org(rw)\n/srv/share\t10.10.2.0/24(rw)\n", True),
        (["pve2"], "/srv/share\tpve2.lan(rw)\n", False),
        (["pve2", "pve3"], "/srv/share\tpve2.example.org(rw)\n", False),
        (["pve4"], "/srv/share\tpve4(rw)\n", True),
        (["@nodes"], "/srv/share\t@nodes(rw)\n", True),
        (["*.example.org"], "/srv/share\t*.example.org(rw)\n", True),
    ],
)
def test_exportfs_serves_what_a_name_resolves_to(hosts: list[str], served: str, is_right: bool) -> None:
    wanted = export(clients=[client(host) for host in hosts])
    node = resolving(converged(wanted), **NAMES)
    node.files[ETAB] = served
    assert plan_of(node, wanted) == ([] if is_right else [HAND_OVER])


def test_a_client_that_goes_is_withdrawn_as_it_stands_in_the_table() -> None:
    both = export(clients=[client("pve2"), client("FD00:2::/64"), client("10.10.2.9/24")])
    node = resolving(converged(both), **NAMES)
    node.files[ETAB] = node.files[ETAB].replace("pve2(", "pve2.example.org(")
    plan = make_plan(SUBJECT, params(export(clients=[client("10.10.2.0/24")])), node)
    assert [" ".join(step.action.argv) for step in plan.steps if isinstance(step.action, Run)] == [
        "exportfs -a",
        "exportfs -u pve2.example.org:/srv/share",
        "exportfs -u [FD00:2::]/64:/srv/share",
    ]
    assert "withdraw the export of /srv/share to pve2.example.org (exportfs -u)" in plan.sentences


def serving_more(**files: str) -> FakeNode:
    node = converged(export())
    node.files.update(files)
    node.files[ETAB] += "/srv/ha\t10.9.0.0/24(rw,sync)\n/srv/share\t10.9.0.1(ro,sync)\n"
    return node


def test_an_export_made_at_run_time_is_left_alone() -> None:
    node = serving_more()
    assert plan_of(node, export()) == []
    for wanted in (export(clients=[client("10.10.3.0/24")]), export("/srv/b")):
        node = serving_more()
        plan = make_plan(SUBJECT, params(wanted), node)
        for step in plan.steps:
            node.act(step)
        assert "/srv/ha\t10.9.0.0/24(" in node.files[ETAB] and "/srv/share\t10.9.0.1(" in node.files[ETAB]
        assert "/srv/share\t10.10.2.0/24(" not in node.files[ETAB]
        assert plan_of(node, wanted) == []


def test_what_the_start_of_the_server_withdraws_is_said() -> None:
    node = serving_more()
    node.commands[ACTIVE] = printed("inactive\n")
    (start,) = make_plan(SUBJECT, params(export()), node).steps
    assert start.id == "service.enable:nfs-server"
    assert start.why == (
        "enable and start nfs-server; its start withdraws what no file declares: /srv/ha to 10.9.0.0/24,"
        " /srv/share to 10.9.0.1"
    )


#: How the administrator has written his export in /etc/exports; exportfs serves /mnt/disk1/other.
SPELLINGS = ["/mnt/disk1/other", "/mnt/disk1/other/", "//mnt//disk1/./other", "/srv/other", "/srv/other/"]
LINKS = {"/srv/other": "/mnt/disk1/other", "/srv/share": "/srv/share"}


def linked(node: FakeNode) -> FakeNode:
    """``realpath`` on a node on which /srv/other is a link."""

    def real(path: str) -> str:
        spelled = canonical_path(path)
        return LINKS.get(spelled, spelled)

    def answer(argument: tuple[str, ...]) -> list[Any]:
        if argument[: len(REALPATH)] == REALPATH:
            return [0, "".join(f"{real(path)}\0" for path in argument[len(REALPATH) :]), ""]
        return run(argument)

    run = node._run
    node._run = answer  # type: ignore[method-assign]
    return node


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_foreign_export_in_another_spelling_is_no_reason_to_do_anything(spelling: str) -> None:
    node = linked(converged(export()))
    node.files["/etc/exports"] = f"{spelling} 10.9.0.0/24(ro)\n"
    node.files[ETAB] += "/mnt/disk1/other\t10.9.0.0/24(ro,sync)\n"
    assert plan_of(node, export()) == []


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_path_that_leads_to_another_export_is_exported_already(spelling: str) -> None:
    node = linked(fresh())
    node.files["/etc/exports"] = f"{spelling} 10.9.0.0/24(ro)\n"
    refusals = make_plan(SUBJECT, params(export("/mnt/disk1/other")), node).refusals
    assert [refusal.reason for refusal in refusals] == ["/mnt/disk1/other is already exported by /etc/exports."]


def test_an_export_below_a_link_is_served_where_the_link_leads() -> None:
    wanted = export("/srv/other/share")
    LINKS["/srv/other/share"] = "/mnt/disk1/other/share"
    node = linked(converged(wanted))
    node.files[ETAB] = node.files[ETAB].replace("/srv/other/share", "/mnt/disk1/other/share")
    assert plan_of(node, wanted) == []
    (withdraw,) = [step for step in make_plan(SUBJECT, params(), node).steps if step.id.startswith("export.withdraw:")]
    assert isinstance(withdraw.action, Run)
    assert withdraw.action.argv[-1] == "10.10.2.0/24:/mnt/disk1/other/share"


@pytest.mark.parametrize(
    "options",
    [
        ("rw", "nordirplus"),
        ("sec=krb5p", "rw", "sec=sys", "ro"),
        ("rw", "squash_uids=0-15,20"),
        ("rw", "sec=sys:krb5"),
        ("rw", "no_acl", "crossmnt", "fsid=0", "anonuid=1000"),
        ("sec=krb5", "no_root_squash", "sec=sys"),
        ("rw", "xprtsec=mtls:tls"),
    ],
)
def test_every_option_of_exports_is_taken(options: tuple[str, ...]) -> None:
    wanted = export(clients=[client(NETWORK, *options)])
    assert plan_of(converged(wanted), wanted) == []


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
