"""node_variables: a running node in the words of the roles, and the inventory that is made of them."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.filter.inventory_document import FilterModule
from ansible_collections.baremetal.virt.plugins.module_utils.decide.storage.desired import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import release_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.repositories import RepositoriesObserved
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import (
    Directory,
    Export,
    ObservedNfsServer,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.parameters import STORAGES as STORAGES_SPEC
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.storage import ObservedStorages
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import observe
from ansible_collections.baremetal.virt.plugins.module_utils.observe.storage.storage import parse_entries
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.node import (
    cluster_variables,
    nfs_server_notes,
    nfs_server_variables,
    repositories_variables,
    storage_notes,
    storage_variables,
)

from ....doubles import cluster_nodes as lab

DOCUMENT = FilterModule().filters()["inventory_document"]
TRIXIE = release_of("trixie")
SOURCES = """Types: deb
URIs: http://mirror.test/proxmox/debian/pve
Suites: trixie
Components: pve-no-subscription
Signed-By: /usr/share/keyrings/proxmox-archive-keyring.gpg

Types: deb
URIs: http://mirror.test/ceph/debian/ceph-squid
Suites: trixie
Components: test
"""
STORAGES = """dir: local
\tpath /var/lib/vz
\tcontent iso,backup

nfs: share
\texport /srv/share
\tpath /mnt/pve/share
\tserver 10.10.2.11
\tcontent vztmpl,iso
\tprune-backups keep-last=3,keep-daily=7
\toptions vers=4.2,hard
\tnodes pve2,pve1

cephfs: files
\tpath /mnt/pve/files
\tcontent backup
\tfuse 1

drbd: other
\tredundancy 2
"""


def test_links_are_networks_where_these_lead_to_the_address() -> None:
    node = lab.member(2)
    assert cluster_variables(observe(node)) == {"cluster_name": "lab", "cluster_links": lab.LINKS}
    node.commands["ip", "-json", "address"] = lab.printed(lab.addresses(2, ("eth1", "10.10.2.99/24")))
    assert cluster_variables(observe(node))["cluster_links"] == ["10.10.1.0/24", "10.10.2.12"]
    assert cluster_variables(observe(lab.standalone(1))) == {}


def test_what_a_cluster_has_beyond_that() -> None:
    text = lab.TWO.replace("quorum_votes: 1", "quorum_votes: 2").replace(
        "version: 2\n", "token_coefficient: 90\n  version: 2\n"
    )
    text = text.replace("    linknumber: 1", "    knet_link_priority: 7\n    linknumber: 1")
    text = text.replace("quorum {\n", "quorum {\n  device {\n    net {\n      host: 192.0.2.9\n    }\n  }\n")
    found = cluster_variables(observe(lab.member(1, text, lab.STATUS_REMOVED)))
    assert found == {
        "cluster_name": "lab",
        "cluster_links": lab.LINKS,
        "cluster_votes": 2,
        "cluster_token_coefficient": 90,
        "cluster_link_priorities": [0, 7],
        "cluster_qdevice_host": "192.0.2.9",
        "cluster_qdevice_address": "192.0.2.9",
    }


def repositories(text: str, digest: str) -> dict[str, Any]:
    assert TRIXIE is not None
    file = parse("/etc/apt/sources.list.d/x.sources", text)
    keyrings = {TRIXIE.keyring_path: digest}
    return repositories_variables(
        RepositoriesObserved(
            "trixie", (file,), frozenset(), None, keyrings, keyring_owned=False, shipped=True, proxy=None
        )
    )


def test_repositories() -> None:
    assert TRIXIE is not None
    assert repositories(SOURCES, "abc") == {
        "repositories_subscription": "no-subscription",
        "repositories_proxmox_url": "http://mirror.test/proxmox",
        "repositories_keyring_sha256": "abc",
        "ceph_release": "squid",
        "ceph_repository": "test",
        "repositories_ceph_url": "http://mirror.test/ceph",
    }
    upstream = SOURCES.partition("\n\n")[0].replace("mirror.test/proxmox", "download.proxmox.com")
    assert repositories(upstream, TRIXIE.keyring_sha256) == {"repositories_subscription": "no-subscription"}
    assert repositories("", "abc") == {}


def test_storages_are_taken_as_the_role_takes_them() -> None:
    found = ObservedStorages(parse_entries(STORAGES), {})
    definitions = storage_variables(found)["storage_definitions"]
    assert [one["id"] for one in definitions] == ["share", "files"]
    assert definitions[0]["content"] == ["iso", "vztmpl"]
    assert definitions[0]["prune_backups"] == {"keep_daily": 7, "keep_last": 3}
    assert definitions[1]["fuse"] is True
    given = ArgumentSpecValidator({"storages": STORAGES_SPEC}).validate({"storages": definitions})
    assert not given.error_messages
    for wanted in desired_from(given.validated_parameters).storages:
        assert wanted.options == found.entries[wanted.id].options
    assert list(storage_notes(found)) == [
        "The storage other is of the type drbd, which no role manages; it is left alone."
    ]
    assert storage_variables(ObservedStorages(parse_entries(""), {})) == {}


def test_exports() -> None:
    declared = "/srv/share 10.10.2.0/24(rw,sync,no_subtree_check,insecure)\n"
    foreign: dict[str, tuple[Export, ...]] = {"/etc/exports": (Export("/data", ()),), "/etc/exports.d/x.exports": ()}
    directories = {"/srv/share": Directory("directory", "root", "users", 0o777)}
    observed = ObservedNfsServer(True, True, True, declared, foreign, {}, directories)
    found = nfs_server_variables(observed)
    assert found["nfs_server_exports"][0]["mode"] == "0777"
    assert found["nfs_server_exports"][0]["group"] == "users"
    assert found["nfs_server_allow_insecure_ports"] and found["nfs_server_allow_world_writable"]
    assert "nfs_server_allow_any_client" not in found
    assert list(nfs_server_notes(observed)) == ["/etc/exports exports /data, which no role manages; it is left alone."]


def test_what_all_have_in_common_is_said_once() -> None:
    told = {"a": {"name": "x", "links": [1], "own": 1}, "b": {"name": "x", "links": [2]}}
    assert DOCUMENT(told) == {
        "proxmox": {"hosts": {"a": {"links": [1], "own": 1}, "b": {"links": [2]}}, "vars": {"name": "x"}}
    }
