"""The export of an inventory and site.yml are inverses: a site that was exported, then planned, has nothing to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional, cast

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import EXPORTS_FILE
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import PATH
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.disk import LSBLK
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.document import Told, inventory_document
from ansible_collections.baremetal.virt.plugins.module_utils.site.storage import Node, Wish, site_storages
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT as NFS_SERVER
from ansible_collections.baremetal.virt.plugins.modules.node_address_info import INQUIRY as ADDRESSES
from ansible_collections.baremetal.virt.plugins.modules.node_variables_info import INQUIRY as VARIABLES
from ansible_collections.baremetal.virt.plugins.modules.storage import SUBJECT as STORAGE
from hypothesis import given
from hypothesis import strategies as st

from ...doubles.cluster_nodes import member
from ...doubles.support import FakeNode, printed
from ..decide.nfs.nfs_server_support import ACTIVE, DPKG, ENABLED, hand_over

EXPORTED = "/srv/share 10.10.2.0/24(rw,sync,no_subtree_check)\n/srv/iso *.lab.test(ro) @nodes(rw,no_root_squash)\n"


def node(number: int, storages: str, exports: str = "") -> FakeNode:
    here = member(number)
    here.commands.update({DPKG: printed("nfs-kernel-server\t1:2.8.3-1\tinstalled\n")})
    here.commands[LSBLK] = printed('{"blockdevices": []}')
    here.commands.update({ENABLED: printed("enabled\n"), ACTIVE: printed("active\n")})
    here.files[PATH] = storages
    if exports:
        here.files[EXPORTS_FILE] = exports
        here.directories.update(dict.fromkeys(("/srv/share", "/srv/iso"), ("root", "root", 493)))
        hand_over(here)
    return here


def site(storages: str, exports: str = "") -> list[FakeNode]:
    return [node(1, storages, exports), node(2, storages), node(3, storages)]


def exported(nodes: list[FakeNode]) -> dict[str, dict[str, Any]]:
    """Host → its variables, as Ansible reads them from the file that is written."""
    told = [cast(Told, VARIABLES.answer(one, {"connection": {}})) for one in nodes]
    document = inventory_document(told)
    group = yaml.safe_load(yaml.safe_dump(document))["proxmox"]
    return {host: {**group["vars"], **own} for host, own in group["hosts"].items()}


def plan(subject: Subject[Any, Any], given: Mapping[str, Any], here: FakeNode) -> list[str]:
    result = ArgumentSpecValidator(dict(subject.argument_spec)).validate(given)
    assert not result.error_messages, result.error_messages
    found = make_plan(subject, result.validated_parameters, here)
    return [*(step.id for step in found.steps), *map(str, found.refusals)]


def planned(nodes: list[FakeNode], inventory: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What the roles nfs_server and storage would do, or refuse."""
    todo = []
    for here, variables in zip(nodes, inventory.values()):
        prefix = "nfs_server_"
        given = {name[len(prefix) :]: one for name, one in variables.items() if name.startswith(prefix)}
        todo += plan(NFS_SERVER, given, here)
    wishes: dict[str, Wish] = {
        host: {"exports": one.get("nfs_server_exports", []), "networks": []} for host, one in inventory.items()
    }
    addresses = {host: cast(Node, ADDRESSES.answer(here, {})) for host, here in zip(inventory, nodes)}
    definitions = inventory["pve1"].get("storage_definitions", [])
    storages = site_storages(definitions, wishes, addresses)["all"]
    return todo + plan(STORAGE, {"storages": storages}, nodes[0])


SHARE = "nfs: share\n\texport /srv/share\n\tpath /mnt/pve/share\n\tserver 10.10.2.11\n\tcontent iso\n"
DIGITS = (
    "pbs: pbs1\n\tdatastore main\n\tserver pbs.example.org\n\tcontent backup\n\tnamespace 0042\n\tusername root@pam\n\n"
    "pbs: pbs2\n\tdatastore 0001\n\tserver pbs.example.org\n\tcontent backup\n\tusername root@pam\n\n"
    "cifs: smb\n\tpath /mnt/pve/smb\n\tserver 10.10.1.5\n\tshare 0123\n\tusername 007\n\tcontent backup\n\n"
    "zfspool: tank\n\tpool 00\n\tcontent images\n"
)
#: (storage.cfg, exports of pve1, the storages that are told at an export)
SITES: list[tuple[str, str, list[str]]] = [
    ("", "", []),
    ("", EXPORTED, []),
    (SHARE, "", []),
    (SHARE, EXPORTED, ["share"]),
    (f"{SHARE}\toptions vers=4.2\n", EXPORTED, ["share"]),
    (f"{SHARE}\tnodes pve2,pve3\n", EXPORTED, ["share"]),
    (f"{SHARE}\tdisable\n", EXPORTED, []),
    (f"{SHARE}\tprune-backups keep-last=3\n", EXPORTED, []),
    (SHARE.replace("10.10.2.11", "10.10.1.11"), EXPORTED, ["share"]),
    (SHARE.replace("10.10.2.11", "PVE1"), EXPORTED, ["share"]),
    (SHARE.replace("10.10.2.11", "nas.example.org"), EXPORTED, []),
    (SHARE.replace("/srv/share\n", "/srv/iso\n"), EXPORTED, ["share"]),
    (f"{SHARE}\nbtrfs: tree\n\tpath /srv/tree\n\tnocow 1\n", EXPORTED, ["share"]),
    (DIGITS, "", []),
]


@pytest.mark.parametrize(("storages", "exports", "at_exports"), SITES)
def test_what_was_exported_changes_nothing(storages: str, exports: str, at_exports: list[str]) -> None:
    nodes = site(storages, exports)
    inventory = exported(nodes)
    assert planned(nodes, inventory) == []
    found = [one["storage"]["id"] for one in inventory["pve1"].get("nfs_server_exports", ()) if "storage" in one]
    assert found == at_exports


def value_of(name: str) -> st.SearchStrategy[str]:
    """What may stand behind an option, in the spellings that people use, and worse."""
    option = OPTIONS[name]
    wild = st.sampled_from(["", "0", "007", "yes", "no", "/srv/a", "/srv//a/", "a,b", "a b", "keep-last=3", "1.5", "ü"])
    usual: Optional[st.SearchStrategy[str]] = None
    if option.choices:
        usual = st.lists(st.sampled_from([str(one) for one in option.choices]), min_size=1, max_size=3).map(",".join)
    elif option.parts:
        pairs = st.tuples(
            st.sampled_from([part.name for part in option.parts]), st.sampled_from(["0", "1", "7", "1.5"])
        )
        usual = st.lists(pairs.map("=".join), min_size=1, max_size=3).map(",".join)
    return wild if usual is None else st.one_of(usual, usual, wild)


@st.composite
def section(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(sorted(TYPES)))
    known = TYPES[kind]
    name = draw(st.from_regex(r"[a-z][a-z0-9_.-]{0,6}[a-z0-9]", fullmatch=True))
    given = {*known.required, *draw(st.sets(st.sampled_from(sorted(known.options)), max_size=5))}
    lines = [f"\t{option} {draw(value_of(option))}\n" for option in sorted(given)]
    return f"{kind}: {name}\n{''.join(lines)}"


@given(st.lists(section(), max_size=3).map("\n".join))
def test_whatever_stands_in_storage_cfg_is_exported_so_that_nothing_changes_or_left_out(storages: str) -> None:
    nodes = site(storages)
    assert planned(nodes, exported(nodes)) == []
