"""site/inventory: a running node in the words of the roles."""

from __future__ import annotations

from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_sources import parse
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.release import release_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.repositories import ObservedRepositories
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.cluster import observe
from ansible_collections.baremetal.virt.plugins.module_utils.site.inventory.node import (
    cluster_variables,
    repositories_variables,
)

from ....doubles import cluster_nodes as lab

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
    text = text.replace(
        "quorum {\n", "quorum {\n  device {\n    model: net\n    net {\n      host: 192.0.2.9\n    }\n  }\n"
    )
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
        ObservedRepositories(
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
