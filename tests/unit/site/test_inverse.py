"""The export of an inventory and site.yml are inverses: a site that was exported, then planned, has nothing to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Optional, cast

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import Subject, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import EXPORTS_FILE
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import PATH
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.entry import (
    IMPLICIT_LOCAL,
    LOCAL,
    StorageEntry,
    parse_storages,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.options import OPTIONS
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES
from ansible_collections.baremetal.virt.plugins.module_utils.observe.node.disk import LSBLK
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.document import Told, inventory_document
from ansible_collections.baremetal.virt.plugins.module_utils.site.storage.exports import Told as Exporter
from ansible_collections.baremetal.virt.plugins.module_utils.site.storage.exports import site_storages
from ansible_collections.baremetal.virt.plugins.modules.nfs_server import SUBJECT as NFS_SERVER
from ansible_collections.baremetal.virt.plugins.modules.node_address_info import INQUIRY as ADDRESSES
from ansible_collections.baremetal.virt.plugins.modules.node_variables_info import INQUIRY as VARIABLES
from ansible_collections.baremetal.virt.plugins.modules.storage import SUBJECT as STORAGE
from hypothesis import given
from hypothesis import strategies as st

from ...doubles.cluster_nodes import member
from ...doubles.support import FakeNode, printed
from ..decide.nfs.nfs_server_support import ACTIVE, DPKG, ENABLED, hand_over
from ..decide.storage.storage_support import Cluster, plan_of

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
    left = []
    for here, variables in zip(nodes, inventory.values()):
        prefix = "nfs_server_"
        given = {name[len(prefix) :]: one for name, one in variables.items() if name.startswith(prefix)}
        left += plan(NFS_SERVER, given, here)
    return left + plan(STORAGE, {"storages": definitions(nodes, inventory)}, nodes[0])


def definitions(nodes: list[FakeNode], inventory: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The storages that the inventory speaks of, those at exports among them."""
    told: list[Exporter] = [
        {
            "host": host,
            "exports": one.get("nfs_server_exports", []),
            "networks": [],
            "addresses": ADDRESSES.answer(here, {})["addresses"],
        }
        for (host, one), here in zip(inventory.items(), nodes)
    ]
    return [dict(one) for one in site_storages(inventory["pve1"].get("storage_definitions", []), told)["all"]]


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
    if name in SPELLINGS:
        usual = st.sampled_from(SPELLINGS[name])
    elif option.choices:
        usual = st.lists(st.sampled_from([str(one) for one in option.choices]), min_size=1, max_size=3).map(",".join)
    elif option.parts:
        pairs = st.tuples(
            st.sampled_from([part.name for part in option.parts]), st.sampled_from(["0", "1", "7", "1.5"])
        )
        usual = st.lists(pairs.map("=".join), min_size=1, max_size=3).map(",".join)
    return wild if usual is None else st.one_of(usual, usual, usual, wild)


#: Of options without which a type is none, and of those that have a form.
SPELLINGS = {
    "path": ["/srv/a", "/srv//a/", "/mnt/pve/x", "/var/lib/vz"],
    "export": ["/srv/share", "/srv/iso/", "/srv/other"],
    "server": ["10.10.2.11", "10.10.1.12", "PVE1", "nas.example.org", "FD00:1:0::11", "pve2.lab.test"],
    "portal": ["10.10.1.5:3260", "[fd00::5]:3260", "san"],
    "monhost": ["10.10.1.5,10.10.1.6", "mon1 mon2"],
    "nodes": ["pve1", "pve2,pve1", "pve3;pve9", ","],
    "options": ["vers=4.2", "vers=3,soft"],
    "vgname": ["pve", "vg0"],
    "thinpool": ["data"],
    "base": ["lun:0.0.1"],
    "content-dirs": ["iso=isos", "iso=a backup=b"],
    "blocksize": ["8k", "16K"],
    "fingerprint": [":".join(["aB"] * 32)],
    "is_mountpoint": ["yes", "1", "/srv/a", "off"],
    "port": ["8007", "+08007"],
    "max-protected-backups": ["-1", "05"],
    "disable": ["", "1", "0"],
    "shared": ["1", "0", "yes"],
}


@st.composite
def section(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from([*sorted(TYPES), "NFS", "future"]))
    known = TYPES.get(kind.lower(), TYPES["dir"])
    name = draw(st.sampled_from(["local", "share", "a1", "b-2", "c.3", "x"]))
    given = [*known.required, *draw(st.lists(st.sampled_from(sorted(known.options)), max_size=5))]
    lines = [f"\t{option}\t{draw(value_of(option))}\n" for option in given]
    return f"{kind}: {name}\n{''.join(lines)}"


STORAGES = st.lists(section(), max_size=4).map("\n".join)


@given(STORAGES, st.sampled_from(["", EXPORTED]))
def test_whatever_stands_in_storage_cfg_is_told_so_that_nothing_changes_or_named(storages: str, exports: str) -> None:
    nodes = site(storages, exports)
    inventory = exported(nodes)
    assert planned(nodes, inventory) == []
    file = parse_storages(storages)
    told = {one["id"] for one in definitions(nodes, inventory)}
    notes = " ".join(cast(Any, VARIABLES.answer(nodes[0], {"connection": {}}))["notes"])
    untold = {*file.entries, *file.unreadable} - told - ({LOCAL} if file.entries[LOCAL] == IMPLICIT_LOCAL else set())
    assert [name for name in untold if not re.search(rf"(?:storage|section) {re.escape(name)} ", notes)] == []


@given(STORAGES, st.sampled_from(["", EXPORTED]))
def test_what_was_told_makes_the_same_storages_of_an_empty_cluster(storages: str, exports: str) -> None:
    nodes = site(storages, exports)
    told = [
        one for one in definitions(nodes, exported(nodes)) if not TYPES[one["type"]].needed
    ]  # and no secret is told
    copy = Cluster()
    plan_of_copy = plan_of(copy, *told)
    assert not plan_of_copy.refusals, list(map(str, plan_of_copy.refusals))
    for step in plan_of_copy.steps:
        copy.act(step)
    original, made = (parse_storages(text).entries for text in (storages, copy.files.get(PATH, "")))
    assert {name: managed(made[name]) for name in made if name != LOCAL} == {
        one["id"]: managed(original[one["id"]]) for one in told if one["id"] != LOCAL
    }
    assert made[LOCAL] == (original[LOCAL] if LOCAL in {one["id"] for one in told} else IMPLICIT_LOCAL)


def managed(entry: StorageEntry) -> StorageEntry:
    return StorageEntry(
        entry.type, {key: one for key, one in entry.options.items() if key in TYPES[entry.type].options}
    )
