"""Lists of CNI plugins: refused where they could not work, written so that the runtime notices, proved by asking it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import CollectionError, Invalid, StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Download, Plan
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.modules.cni_network import SUBJECT

from ....doubles.cni_node import DEBIAN, CniFake
from ....doubles.support import Completed, assert_converges_from_every_kill
from ...model.cni.test_conflist import CASES, lines, right

FILE, PATH = "10-pods.conflist", "/etc/cni/net.d/10-pods.conflist"
LIST: dict[str, Any] = {
    "cniVersion": "1.0.0",
    "name": "pods",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipam": {"type": "host-local", "subnet": "10.244.1.0/24", "routes": [{"dst": "0.0.0.0/0"}]},
        },
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}


def options(*lists: dict[str, Any], **other: Any) -> dict[str, Any]:
    given = [{"file": FILE, "config": LIST, "state": "present"}] if not lists else list(lists)
    spec = SUBJECT.argument_spec
    return {**{name: one.get("default") for name, one in spec.items()}, "lists": given, **other}


def listed(config: dict[str, Any], file: str = FILE, state: str = "present") -> dict[str, Any]:
    return {"file": file, "config": config, "state": state}


def changed(**keys: Any) -> dict[str, Any]:
    """The list with other keys of its bridge."""
    found = copy.deepcopy(LIST)
    found["plugins"][0].update(keys)
    return found


def plan(node: CniFake, params: dict[str, Any]) -> Plan:
    return make_plan(SUBJECT, params, node)


def ids(found: Plan) -> list[str]:
    return [step.id for step in found.steps]


def test_a_list_is_written_and_then_left_alone() -> None:
    node = CniFake()
    found = plan(node, options())
    assert ids(found) == ["directory.make:/etc/cni/net.d", f"file.write:{PATH}"]
    assert (found.refusals, found.warnings) == ((), ())
    for step in found.steps:
        node.act(step)
    node.files[PATH] = json.dumps(json.loads(node.files[PATH]), sort_keys=True)
    assert plan(node, options()).steps == ()


def test_a_run_killed_after_any_step_is_finished_by_the_next() -> None:
    params = options(package=True)
    assert assert_converges_from_every_kill(SUBJECT, params, lambda: CniFake(plugins={})) == 5


def test_a_file_that_is_not_wanted_goes_and_others_stay() -> None:
    node = CniFake(files={PATH: json.dumps(LIST), "/etc/cni/net.d/50-other.conf": "{"})
    found = plan(node, options({"file": FILE, "config": None, "state": "absent"}))
    assert ids(found) == [f"file.remove:{PATH}"]
    assert plan(CniFake(), options({"file": FILE, "config": None, "state": "absent"})).steps == ()


@pytest.mark.parametrize("case", lines(CASES / "cniversion-forgotten" / "versions.jsonl"), ids=lambda one: one["id"])
def test_each_spelling_of_a_version(case: dict[str, Any]) -> None:
    wanted = right("cniversion-forgotten")["values"][case["id"]]
    config = {key: value for key, value in LIST.items() if key != "cniVersion"}
    config.update({"cniVersion": case["cniVersion"]} if "cniVersion" in case else {}, plugins=LIST["plugins"][:1])
    if wanted.get("topic") in ("cni_version_missing", "not_a_string"):
        with pytest.raises(Invalid, match="cniVersion"):
            plan(CniFake(), options(listed(config)))
        return
    found = plan(CniFake(), options(listed(config)))
    assert bool(found.refusals) == (wanted["verdict"] == "refused")
    if found.refusals:
        assert str(found.refusals[0]).startswith(f"{FILE}: {wanted['plugin']} does not know cniVersion")
    told = [words for words in found.warnings if "nobody can CHECK" in words]
    assert bool(told) == (wanted.get("told") == "no CHECK")


def test_a_plugin_that_is_missing_is_refused_unless_it_is_installed_now() -> None:
    node = CniFake(plugins={})
    assert "bridge is in none of the directories" in str(plan(node, options()).refusals[0])
    found = plan(node, options(package=True))
    assert ids(found)[0] == "package.install:containernetworking-plugins"
    assert not found.refusals


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({**LIST, "cniVersion": "1.1.0"}, "bridge does not know cniVersion 1.1.0"),
        ({**LIST, "plugins": [{"type": "calico"}]}, "the plugin calico is in none of the directories"),
    ],
)
def test_a_list_that_the_new_plugins_do_not_know_is_not_written(
    config: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    node, params = CniFake(plugins={}), options(listed(config), package=True)
    with pytest.raises(StepFailed, match=words):
        converge(SUBJECT, params, node, False, lambda step, to: str(to.act(step)))
    assert PATH not in node.files
    assert words in str(plan(node, params).refusals[0])


def test_an_archive_is_unpacked_by_its_checksum_and_only_once() -> None:
    archive = {"url": "https://example.com/plugins.tgz", "sha256": "ab" * 32, "proxy": ""}
    node, params = CniFake(plugins={}), options(archive=archive)
    found = plan(node, params)
    assert ids(found)[1:4] == ["directory.make:/opt/cni/bin", "archive.unpack:/opt/cni/bin", "plugins.ask"]
    fetch = found.steps[0].action
    assert isinstance(fetch, Download)
    assert fetch.sha256 == archive["sha256"]
    compare = ("tar", "--compare", "--gzip", f"--file={fetch.path}", "--directory=/opt/cni/bin")
    node.commands[compare] = lambda it: Completed(0 if isinstance(it, CniFake) and it.plugins else 1, "", "differs")
    node.effects[("tar", "--extract")] = lambda it: vars(it).update(plugins=DEBIAN)
    for step in found.steps:
        node.act(step)
    assert plan(node, params).steps == ()
    node.commands[compare] = Completed(1, "", "bridge: contents differ")
    assert "archive.unpack:/opt/cni/bin" in ids(plan(node, params))


def case_of_a_former_life(*ports: str) -> tuple[CniFake, dict[str, Any], dict[str, Any]]:
    folder = CASES / "bridge-of-a-former-life"
    config = json.loads((folder / "10-dbnet.conflist").read_text())
    name, dummy, address = (folder / "host.txt").read_text().splitlines()[0].split()
    node = CniFake().bridge(name, *_split(address), *ports)
    return node, config, yaml.safe_load((folder / "right.yml").read_text())["preflight"]


def _split(address: str) -> tuple[str, int]:
    host, prefix = address.split("/")
    return host, int(prefix)


def test_a_bridge_of_a_former_cluster_is_told_with_both_addresses() -> None:
    node, config, wanted = case_of_a_former_life()
    (refusal,) = map(str, plan(node, options(listed(config))).refusals)
    for word in (wanted["bridge"], wanted["has"], wanted["wants"], "ip link delete cni0", "Never set forceAddress"):
        assert word in refusal


def test_it_is_removed_only_when_that_is_allowed_and_nothing_is_attached() -> None:
    node, config, dummy = case_of_a_former_life()
    params = options(listed(config), bridges_removed=["cni0"])
    found = plan(node, params)
    assert ids(found)[0] == "bridge.remove:cni0"
    assert not found.refusals
    for step in found.steps:
        node.act(step)
    assert plan(node, params).steps == ()
    node, config, dummy = case_of_a_former_life("veth1")
    (refusal,) = map(str, plan(node, params).refusals)
    assert "veth1 of it are in use" in refusal


@pytest.mark.parametrize(
    ("route", "refused"),
    [
        ({"dst": "10.244.1.128/25", "gateway": "192.0.2.9", "dev": "eth0"}, True),
        ({"dst": "10.244.0.0/16", "dev": "eth1"}, True),
        ({"dst": "10.244.0.0/16", "gateway": "192.0.2.9", "dev": "eth0"}, False),
        ({"dst": "10.244.2.0/24", "gateway": "192.0.2.12", "dev": "eth0"}, False),
        ({"dst": "10.244.1.0/24", "dev": "cni0"}, False),
    ],
)
def test_addresses_that_the_node_has_elsewhere(route: dict[str, Any], refused: bool) -> None:
    node = CniFake()
    node.routes.append(route)
    assert bool(plan(node, options()).refusals) == refused


def test_two_lists_do_not_share_a_name_or_addresses() -> None:
    other = {**changed(), "name": "other"}
    with pytest.raises(Invalid, match=r"its range 10\.244\.1\.0/24 overlaps 10\.244\.1\.0/24 of 10-pods"):
        plan(CniFake(), options(listed(LIST), listed(other, "20-other.conflist")))
    node = CniFake(files={"/etc/cni/net.d/05-old.conflist": json.dumps(LIST)})
    found = plan(node, options())
    assert [str(one) for one in found.refusals] == [
        "10-pods.conflist: the network pods is also that of 05-old.conflist."
    ]


@pytest.mark.parametrize(
    ("keys", "other", "refused", "warned"),
    [
        ({}, {}, False, False),
        ({"mtu": 9000}, {}, True, False),
        ({"mtu": 1450}, {"overhead": 50}, False, False),
        ({}, {"overhead": 50}, False, True),
        ({"mtu": 8950}, {"mtu": 9000, "overhead": 50}, False, False),
    ],
)
def test_packets_of_pods_fit_the_network_below(
    keys: dict[str, Any], other: dict[str, Any], refused: bool, warned: bool
) -> None:
    found = plan(CniFake(), options(listed(changed(**keys)), **other))
    assert (bool(found.refusals), bool(found.warnings)) == (refused, warned)


def test_a_master_may_be_a_bridge_of_proxmox_ve_or_a_vnet_and_has_to_be_there() -> None:
    config = {
        "cniVersion": "1.0.0",
        "name": "lan",
        "plugins": [{"type": "macvlan", "master": "vmbr0", "ipam": {"type": "host-local", "subnet": "10.9.0.0/24"}}],
    }
    assert "no interface vmbr0" in str(plan(CniFake(), options(listed(config))).refusals[0])
    node = CniFake().bridge("vmbr0", "10.9.9.1", 24)
    assert not plan(node, options(listed(config))).refusals


def test_which_file_wins_is_told_for_each_runtime() -> None:
    other = json.dumps({**changed(ipam={}), "name": "other"})
    node = CniFake(files={"/etc/cni/net.d/05-other.conflist": other, "/etc/cni/net.d/01-broken.conf": "{"})
    found = plan(node, options())
    assert found.tells["wins"] == {
        "containerd": {"files": [], "stopped_by": "01-broken.conf"},
        "cri-o": {"files": ["05-other.conflist"], "stopped_by": ""},
        "cnitool": {"files": [FILE], "stopped_by": ""},
    }
    assert "01-broken.conf does not load" in found.warnings[0]
    assert "cri-o takes 05-other.conflist" in plan(node, options(runtime="cri-o")).warnings[0]


def test_what_the_runtime_has_loaded_is_the_proof() -> None:
    node = CniFake().with_runtime()
    result = converge(SUBJECT, options(), node, False, lambda step, to: str(to.act(step)))
    assert (result["changed"], node.loaded) == (True, ["pods"])
    assert plan(node, options()).steps == ()
    node.loaded = []
    assert ids(plan(node, options())) == [f"file.notice:{PATH}"]


def test_a_runtime_that_notices_nothing_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10000))
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    node = CniFake().with_runtime()
    node.deaf = True
    with pytest.raises(CollectionError, match="the runtime has not loaded it"):
        converge(SUBJECT, options(), node, False, lambda step, to: str(to.act(step)))


def test_a_plugin_that_is_not_ready_says_so() -> None:
    youngest = {"bridge": ["1.0.0", "1.1.0"], "host-local": ["1.1.0"], "portmap": ["1.1.0"]}
    config = {**LIST, "cniVersion": "1.1.0"}
    node = CniFake(files={PATH: json.dumps(config)}, plugins=youngest)
    assert "bridge: no address is left (code 50)" in plan(node, options(listed(config))).warnings[0]


def test_files_that_libcni_appends_are_told() -> None:
    node = CniFake(files={"/etc/cni/net.d/pods/50-x.conf": "{}"})
    assert "appends them to the list" in plan(node, options()).warnings[0]


@pytest.mark.parametrize(
    ("lists", "other", "words"),
    [
        ([listed(LIST, "pods.json")], {}, "is no name for a list"),
        ([listed(LIST, "../pods.conflist")], {}, "is no name for a list"),
        ([listed(LIST), listed(LIST)], {}, "declared more than once"),
        ([{"file": FILE, "config": None, "state": "present"}], {}, "has no config"),
        ([listed({**LIST, "name": ""})], {}, "it has no name"),
        ([listed(changed(ipMasq=True))], {"pod_prefixes": ["10.244.0.0/16"]}, "ipMasq hides the sender"),
        ([listed(LIST)], {"service_prefixes": ["10.244.0.0/20"]}, "overlaps the service prefix"),
        ([listed(LIST)], {"pod_prefixes": ["pods"]}, "no network in CIDR form"),
        ([listed(LIST)], {"max_conf_num": -1}, "max_conf_num: -1 is less than 0"),
        ([listed(LIST)], {"bin_dirs": []}, "no directory is named"),
        ([listed(LIST)], {"archive": {"url": "https://example.com", "sha256": "../x", "proxy": ""}}, "64 hexadecimal"),
    ],
)
def test_what_contradicts_itself_is_refused_before_the_node_is_looked_at(
    lists: list[dict[str, Any]], other: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        SUBJECT.desired(options(*lists, **other))
