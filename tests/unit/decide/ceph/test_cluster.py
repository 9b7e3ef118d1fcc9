"""ceph_cluster: installation and initialization, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.ceph.cluster import desired_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.modules.ceph_cluster import SUBJECT

from ....doubles.ceph_support import SERVER, CephFake
from ....doubles.support import FakeNode, assert_converges_from_every_kill, transcript

CEPH_SOURCES = "/etc/apt/sources.list.d/ceph.sources"
MIRROR = "Types: deb\nURIs: http://mirror.example.org/debian/ceph-squid\nSuites: trixie\nComponents: no-subscription\n"


def params(**changes: Any) -> dict[str, Any]:
    base = {"release": "squid", "repository": "no-subscription", "public_network": "10.10.2.0/24"}
    return {**base, "cluster_network": None, "initialize": True, "coming": [], **changes}


def fresh() -> CephFake:
    def install(node: FakeNode) -> None:
        assert isinstance(node, CephFake)
        node.packages = dict.fromkeys(SERVER, "19.2.3-pve1")

    def init(node: FakeNode) -> None:
        assert isinstance(node, CephFake)
        node.initialized()

    node = CephFake(version=None)
    node.effects = {("pveceph", "install"): install, ("apt-get",): install, ("pveceph", "init"): init}
    return node


def first_run(node: FakeNode, **changes: Any) -> Run:
    action = make_plan(SUBJECT, params(**changes), node).steps[0].action
    assert isinstance(action, Run)
    return action


def test_the_first_run_installs_and_initializes() -> None:
    plan = make_plan(SUBJECT, params(cluster_network="10.10.2.0/25"), fresh())
    assert plan.sentences == [
        "install Ceph Squid",
        "write /etc/pve/ceph.conf (public network 10.10.2.0/24, cluster network 10.10.2.0/25)",
    ]
    assert not plan.refusals


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    assert assert_converges_from_every_kill(SUBJECT, params(), fresh) == 3


def test_a_lost_link_to_the_configuration_is_made_again() -> None:
    node = CephFake().initialized("pve1").daemon("mon")
    assert make_plan(SUBJECT, params(), node).sentences == ["make /etc/ceph/ceph.conf a link to /etc/pve/ceph.conf"]
    assert make_plan(SUBJECT, params(), CephFake().initialized("pve1")).sentences == []


def test_other_nodes_only_install() -> None:
    assert make_plan(SUBJECT, params(initialize=False), fresh()).sentences == ["install Ceph Squid"]


def test_a_converged_node_has_nothing_to_do() -> None:
    plan = make_plan(SUBJECT, params(), CephFake().initialized("pve1"))
    assert not plan.steps
    assert not plan.refusals


def test_nobody_has_to_type_an_answer() -> None:
    assert first_run(fresh()).stdin == "y\n"


def test_apt_sources_that_name_the_release_are_left_alone() -> None:
    node = fresh()
    assert first_run(node).argv[-1] == "no-subscription"
    node.files[CEPH_SOURCES] = MIRROR
    assert first_run(node).argv[-1] == "manual"
    node.files[CEPH_SOURCES] = MIRROR + "Enabled: no\n"
    assert first_run(node).argv[-1] == "no-subscription"


def test_where_pveceph_would_replace_the_mirror_apt_installs() -> None:
    node = fresh()
    node.files["/etc/os-release"] = "ID=debian\nVERSION_CODENAME=bookworm\n"
    node.files["/etc/apt/sources.list.d/ceph.list"] = (
        "deb http://mirror.example.org/ceph-squid bookworm no-subscription\n"
    )
    assert first_run(node).argv[0] == "apt-get"


@pytest.mark.parametrize(
    ("codename", "repository", "wanted"),
    [
        ("trixie", "test", ["--version", "squid", "--repository", "test"]),
        ("bookworm", "no-subscription", ["--version", "squid", "--repository", "no-subscription"]),
        ("bullseye", "no-subscription", ["--version", "quincy"]),
        ("bullseye", "test", ["--version", "quincy", "--test-repository", "1"]),
    ],
)
def test_the_default_is_a_release_that_proxmox_ve_offers(codename: str, repository: str, wanted: list[str]) -> None:
    node = fresh()
    node.files["/etc/os-release"] = f"ID=debian\nVERSION_CODENAME={codename}\n"
    run = first_run(node, release="default", repository=repository)
    assert list(run.argv) == ["pveceph", "install", *wanted]


def test_a_channel_that_the_release_does_not_have_is_refused() -> None:
    node = fresh()
    node.files["/etc/os-release"] = "ID=debian\nVERSION_CODENAME=bullseye\n"
    plan = make_plan(SUBJECT, params(release="default", repository="enterprise"), node)
    assert [str(refusal) for refusal in plan.refusals] == [
        "Proxmox VE 7, on pve1, has no enterprise repository of Ceph. Set repository to no-subscription or test."
    ]


def test_the_default_is_not_what_happens_to_be_installed() -> None:
    """The repositories follow the same default, and another one than the installed would be an upgrade in passing."""
    plan = make_plan(SUBJECT, params(release="default"), CephFake(version="20.2.1-pve1"))
    assert "Ceph Tentacle is installed on pve1, not Squid." in str(plan.refusals[0])


def test_missing_packages_of_the_same_release_are_installed() -> None:
    node = CephFake().initialized("pve1")
    del node.packages["ceph-mds"]
    assert make_plan(SUBJECT, params(), node).sentences == ["install Ceph Squid"]


def test_the_storage_client_of_another_release_is_no_obstacle() -> None:
    node = fresh()
    node.packages.update({"ceph-common": "18.2.7-pve1", "python3-rados": "18.2.7-pve1"})
    plan = make_plan(SUBJECT, params(), node)
    assert not plan.refusals
    assert plan.sentences[0] == "install Ceph Squid"


def test_the_plan_counts_on_addresses_that_the_node_will_have() -> None:
    coming = [{"interface": "bond0.40", "address": "10.99.0.11/24", "mtu": 9000}]
    assert not make_plan(SUBJECT, params(public_network="10.99.0.0/24", coming=coming), fresh()).refusals


@pytest.mark.parametrize(
    ("changes", "version", "words"),
    [
        ({"release": "reef"}, None, "does not offer Ceph Reef. It offers Squid and Tentacle."),
        ({"release": "tentacle"}, "19.2.3-pve1", "Ceph Squid is installed on pve1, not Tentacle."),
        ({}, "20.2.1-pve1", "Ceph Tentacle is installed on pve1, not Squid."),
        ({"public_network": "10.99.0.0/24"}, None, "has no address in Ceph's network 10.99.0.0/24"),
        ({"public_network": "10.10.2.0/24,10.9.0.0/16"}, None, "A new Ceph cluster gets one public_network"),
        ({"cluster_network": "10.98.0.0/24"}, None, "has no address in Ceph's network 10.98.0.0/24"),
    ],
)
def test_refused(changes: dict[str, Any], version: Any, words: str) -> None:
    plan = make_plan(SUBJECT, params(**changes), CephFake(version=version))
    assert [words in str(refusal) for refusal in plan.refusals].count(True) == 1


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, 0),
        ({"cluster_network": "10.10.2.0/24"}, 0),
        ({"cluster_network": "10.10.2.0/25"}, 1),
        ({"public_network": "10.10.2.0/25"}, 2),
    ],
)
def test_networks_of_an_initialized_cluster_are_never_rewritten(changes: dict[str, Any], refused: int) -> None:
    plan = make_plan(SUBJECT, params(**changes), CephFake().initialized())
    assert len(plan.refusals) == refused
    assert not plan.steps


def test_the_configuration_that_pveceph_wrote_is_understood() -> None:
    node = CephFake()
    node.files["/etc/pve/ceph.conf"] = transcript("136-ceph-init-conf").stdout
    plan = make_plan(SUBJECT, params(), node)
    assert "/etc/pve/ceph.conf says public_network = 10.10.1.0/24" in plan.refusals[0].reason


def with_networks(public: str, cluster: str = "") -> CephFake:
    node = CephFake().initialized("pve1")
    text = f"[global]\n\tfsid = x\n\tmon_host = 10.10.2.11\n{public}{cluster}"
    node.files["/etc/pve/ceph.conf"] = text
    return node


def test_several_networks_are_compared_as_a_set() -> None:
    node = with_networks("\tpublic_network = 10.10.3.0/24, 10.10.2.11/24\n", "\tcluster_network = 10.10.2.0/24\n")
    wanted = params(public_network="10.10.2.0/24, 10.10.3.0/24", cluster_network="10.10.2.0/24")
    assert not make_plan(SUBJECT, wanted, node).refusals
    assert "says public_network" in str(make_plan(SUBJECT, params(cluster_network="10.10.2.0/24"), node).refusals[0])


def test_networks_that_only_the_monitors_know_are_asked_for() -> None:
    node = with_networks("")
    assert node.answers is not None
    node.answers["config dump"] = [{"section": "mon", "name": "public_network", "value": "10.10.2.11/24"}]
    assert not make_plan(SUBJECT, params(), node).refusals
    node.answers["config dump"][0]["value"] = "10.10.3.0/24"
    assert "Ceph's monitors say public_network = 10.10.3.0/24" in make_plan(SUBJECT, params(), node).refusals[0].reason
    node.answers = None
    assert "no monitor says which one Ceph has" in make_plan(SUBJECT, params(), node).refusals[0].reason


def test_all_refusals_come_at_once() -> None:
    changes = {"release": "reef", "public_network": "10.99.0.0/24"}
    assert len(make_plan(SUBJECT, params(**changes), CephFake().initialized()).refusals) == 5


@pytest.mark.parametrize(
    "changes", [{"release": "giant"}, {"public_network": "10.10.2.1/24"}, {"cluster_network": "x"}]
)
def test_invalid(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        desired_from(params(**changes))
