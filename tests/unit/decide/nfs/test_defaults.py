"""nfs_server: who may do what when little is said; exports within one another, and exports that are mount points."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.nfs.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT

from ....doubles.support import FakeNode
from .nfs_server_support import NETWORK, client, export, fresh, params

SQUASHED = ("rw", "sync", "no_subtree_check")


def storage(*content: str) -> dict[str, Any]:
    return {"id": "share", "content": list(content)}


#: (storage's content, options of its clients, owner of the directory)
CONTENTS = [
    (None, SQUASHED, ("root", "root")),
    (["iso"], SQUASHED, ("nobody", "nogroup")),
    (["iso", "vztmpl", "snippets", "import"], SQUASHED, ("nobody", "nogroup")),
    (["images"], (*SQUASHED, "no_root_squash"), ("root", "root")),
    (["rootdir"], (*SQUASHED, "no_root_squash"), ("root", "root")),
    (["iso", "backup"], (*SQUASHED, "no_root_squash"), ("root", "root")),
]


@pytest.mark.parametrize(("content", "options", "owner"), CONTENTS)
def test_root_is_root_only_where_proxmox_ve_writes_as_root(
    content: Optional[list[str]], options: tuple[str, ...], owner: tuple[str, str]
) -> None:
    wanted = export(clients=None, storage=storage(*content) if content else None)
    (found,) = desired_from(params(wanted, networks=[NETWORK])).exports
    assert [(peer.host, peer.options) for peer in found.clients] == [(NETWORK, options)]
    assert (found.owner, found.group) == owner


def test_what_is_given_holds() -> None:
    wanted = export(owner="backup", storage=storage("images"), clients=[client(NETWORK, "ro")])
    (found,) = desired_from(params(wanted)).exports
    assert (found.owner, found.clients[0].options) == ("backup", ("ro",))


def test_without_clients_and_networks_there_is_nobody_to_export_to() -> None:
    with pytest.raises(Invalid, match="has no clients"):
        desired_from(params(export(clients=None)))


def test_the_plan_says_who_is_root() -> None:
    plan = make_plan(SUBJECT, params(export(clients=None, storage=storage("images")), networks=[NETWORK]), fresh())
    assert f"(no_root_squash): {NETWORK} on /srv/share" in " ".join(plan.sentences)


@pytest.mark.parametrize("path", ["/srv/a\\040b", "/srv/\\777"])
def test_a_path_that_exportfs_would_read_otherwise_is_invalid(path: str) -> None:
    with pytest.raises(Invalid, match="octal"):
        desired_from(params(export(path)))


def test_netgroups_that_exportfs_takes_for_one_are_invalid() -> None:
    with pytest.raises(Invalid, match="@nodes and @Nodes for one netgroup"):
        desired_from(params(export(clients=[client("@nodes")]), export("/srv/b", clients=[client("@Nodes")])))


def mounting(*paths: str) -> FakeNode:
    node = fresh()
    lines = [f"36 35 8:{number} / {path} rw - ext4 /dev/sd{number} rw\n" for number, path in enumerate(("/", *paths))]
    node.files["/proc/self/mountinfo"] = "".join(lines).replace("with space", "with\\040space")
    return node


def plan_on(node: FakeNode, *exports: dict[str, Any]) -> Plan:
    return make_plan(SUBJECT, params(*exports), node)


@pytest.mark.parametrize("path", ["/srv/share", "/srv/with space"])
def test_a_mount_point_is_exported_and_the_danger_said(path: str) -> None:
    plan = plan_on(mounting(path), export(path))
    assert not plan.refusals and "whenever it is not mounted" in plan.warnings[0]
    assert not plan_on(mounting(path), export(path, clients=[client(NETWORK, "rw", "mountpoint")])).warnings
    assert not plan_on(mounting(), export(path)).warnings


@pytest.mark.parametrize("option", ["mountpoint", "mp", "mp=/srv/share"])
def test_what_is_to_be_mounted_must_be(option: str) -> None:
    wanted = export(clients=[client(NETWORK, "rw", option)])
    assert "but nothing is mounted there." in plan_on(mounting(), wanted).refusals[0].reason
    assert not plan_on(mounting("/srv/share"), wanted).refusals


@pytest.mark.parametrize(
    ("inner", "options", "warned"),
    [
        ("/srv/share/disk", ["rw"], True),
        ("/srv/share/disk", ["rw", "crossmnt"], False),
        ("/srv/shared", ["rw"], False),
        ("/srv", ["rw"], False),
    ],
)
def test_a_file_system_inside_is_invisible_to_clients(inner: str, options: list[str], warned: bool) -> None:
    warnings = plan_on(mounting(inner), export(clients=[client(NETWORK, *options)])).warnings
    assert any("see an empty directory" in warning for warning in warnings) == warned


@pytest.mark.parametrize("paths", [("/srv/a", "/srv/a/b"), ("/srv/a/b", "/srv/a"), ("/srv/a", "/srv/a/b/c")])
def test_an_export_in_another_one_is_reached_through_it(paths: tuple[str, str]) -> None:
    plan = plan_on(mounting(), *map(export, paths))
    assert not plan.refusals
    assert [f"{max(paths)} lies in /srv/a" in warning for warning in plan.warnings] == [True]


def test_an_export_on_a_file_system_of_its_own_is_not_reached_through_the_outer_one() -> None:
    assert not any(
        "lies in" in text for text in plan_on(mounting("/srv/a/b"), export("/srv/a"), export("/srv/a/b")).warnings
    )


def test_names_that_begin_alike_do_not_overlap() -> None:
    assert not plan_on(mounting(), export("/srv/share"), export("/srv/share2")).warnings


def test_an_export_of_another_file_overlaps_too() -> None:
    node = mounting()
    node.files["/etc/exports"] = "/srv 10.9.0.0/16(ro)\n"
    assert "/srv/share lies in /srv" in plan_on(node, export()).warnings[0]


def test_one_number_for_two_file_systems_is_refused() -> None:
    numbered = [client(NETWORK, "rw", "fsid=7")]
    one, two = export("/srv/a", clients=numbered), export("/srv/b", clients=numbered)
    assert "has the same fsid=7 as /srv/a" in plan_on(mounting(), one, two).refusals[0].reason
    node = mounting()
    node.files["/etc/exports"] = "/srv/old 10.9.0.0/16(ro,fsid=7)\n"
    assert "/etc/exports" in plan_on(node, one).refusals[0].reason
