"""site/inventory: what a node exports, told so that the role leaves it as it is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.conf import SETTINGS_FILE, VERSIONS
from ansible_collections.baremetal.virt.plugins.module_utils.observe.nfs.server import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.nfs import (
    nfs_server_notes,
    nfs_server_variables,
)
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT

from ....doubles.support import FakeNode
from ...decide.nfs.nfs_server_support import ETAB, NETWORK, client, export, fresh, params

PREFIX = len("nfs_server_")


def serving(*exports: dict[str, Any], **others: Any) -> FakeNode:
    """A node on which the role has run."""
    node = fresh()
    for step in make_plan(SUBJECT, params(*exports, **others), node).steps:
        node.act(step)
    return node


def said(node: FakeNode) -> dict[str, Any]:
    return {name[PREFIX:]: value for name, value in nfs_server_variables(observe(node)).items()}


ANYBODY = export(mode="0777", owner="root", clients=[client("*", "rw", "insecure")])
DANGERS = {"allow_any_client": True, "allow_insecure_ports": True, "allow_world_writable": True}
#: (what the role was told first)
SERVED: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([export()], {}),
    ([export("/srv/a", clients=[client("pve2", "ro"), client(NETWORK)]), export("/srv/b c", group="users")], {}),
    ([ANYBODY], DANGERS),
    ([export()], {"threads": 16}),
    ([export()], {"threads": 16, "versions": ["3", "4.2"]}),
    ([export()], {"versions": ["4.1"]}),
    ([export()], {"versions": list(VERSIONS)}),
]


@pytest.mark.parametrize(("exports", "others"), SERVED)
def test_what_is_told_changes_nothing(exports: list[dict[str, Any]], others: dict[str, Any]) -> None:
    node = serving(*exports, **others)
    told = said(node)
    assert {name: told[name] for name in told if name != "exports"} == others
    again = params(*({"storage": None, **one} for one in told["exports"]), **others)
    assert make_plan(SUBJECT, again, node).steps == make_plan(SUBJECT, again, node).refusals == ()
    assert not list(nfs_server_notes(observe(node)))


def test_a_node_without_exports_of_the_role_is_told_of_by_a_note_only() -> None:
    node = fresh()
    node.files["/etc/exports"] = "/data *(ro)\n"
    assert said(node) == {}
    (note,) = nfs_server_notes(observe(node))
    assert note == "/etc/exports exports /data, which no role manages; it is left alone."


#: (what somebody did to a node by hand, what is said of it)
BY_HAND = [
    ({"/etc/exports": "/srv/share 10.9.0.0/16(ro)\n"}, "will refuse what this node exports: /srv/share is already"),
    ({"/etc/exports.d/baremetal_virt.exports": "/srv/a/ 10.10.2.0/24(rw)\n"}, "will refuse what this node exports:"),
    ({ETAB: ""}, "will change the NFS server of this node: hand the exports to the running server"),
    ({SETTINGS_FILE: "[nfsd]\nvers4=n\n"}, f"will change the NFS server of this node: remove {SETTINGS_FILE}"),
]


@pytest.mark.parametrize(("files", "words"), BY_HAND)
def test_what_the_role_would_not_leave_as_it_is_is_said(files: dict[str, str], words: str) -> None:
    node = serving(export())
    node.files.update(files)
    assert words in " ".join(nfs_server_notes(observe(node)))
