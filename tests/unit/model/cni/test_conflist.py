"""Lists as libcni reads them: what loads, what that means, and what libcni passes over without a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.conflist import (
    Conflist,
    Fault,
    at_least,
    read,
    read_file,
    spelling_faults,
    undeclared,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.plugins import (
    capability_faults,
    check_bug,
    proves_nothing,
    silent,
)

CASES = Path(__file__).parents[2] / "cases" / "cni"
PORTS = json.loads((CASES / "capability-not-declared" / "arguments.json").read_text())


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def right(case: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CASES / case / "right.yml").read_text())
    return found


def loaded(document: dict[str, Any]) -> Conflist:
    found = read(document)
    assert isinstance(found, Conflist)
    return found


@pytest.mark.parametrize("case", lines(CASES / "capability-not-declared" / "lists.jsonl"), ids=lambda one: one["id"])
def test_an_argument_that_nobody_declares_is_known(case: dict[str, Any]) -> None:
    wanted, conflist = right("capability-not-declared")["attach_with_arguments"][case["id"]], loaded(case["list"])
    assert undeclared(conflist, list(PORTS)) == (["portMappings"] if wanted["refused"] else [])
    told = [fault.text for fault in capability_faults(conflist)]
    if "told" in wanted:
        assert wanted["told"] in told
    assert any("does not declare the capability portMappings" in text for text in told) == wanted["refused"]
    assert ("portMappings" in silent(conflist).get("portmap", [])) == wanted["refused"]


def test_capabilities_beside_the_plugins_are_told() -> None:
    case = next(one for one in lines(CASES / "capability-not-declared" / "lists.jsonl") if one["id"] == "misplaced")
    assert [fault.topic for fault in spelling_faults(loaded(case["list"]))] == ["capability_misplaced"]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"cniVersion": "1.0.0", "plugins": [{"type": "bridge"}]}, "it has no name"),
        ({"cniVersion": "1.0.0", "name": "a/b", "plugins": [{"type": "bridge"}]}, "'a/b' is no name of a network"),
        ({"cniVersion": "1.0.0", "name": "a", "plugins": []}, "it has no plugins"),
        ({"cniVersion": "1.0.0", "name": "a", "plugins": {"type": "bridge"}}, "plugins is no list"),
        ({"cniVersion": "1.0.0", "name": "a", "plugins": [{"bridge": "x"}]}, "plugin 1 has no type"),
        ({"cniVersion": "1.0.0", "name": "a", "plugins": [{"type": "../x"}]}, "plugin 1 has no type"),
        ({"cniVersion": 1.0, "name": "a", "plugins": [{"type": "bridge"}]}, "cniVersion is 1.0, which is no string"),
    ],
)
def test_what_does_not_load_says_why(document: dict[str, Any], words: str) -> None:
    found = read(document)
    assert isinstance(found, Fault)
    assert found.text.startswith(words)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("1.conflist", "{", "it is no JSON"),
        ("1.conflist", "[]", "it is no JSON object"),
        ("1.conf", '{"name": "a", "plugins": [{"type": "bridge"}]}', "it has no type"),
        ("1.json", '{"name": "a", "type": "bridge", "cniVersion": "0.4.0"}', ""),
        ("1.conflist", '{"name": "a", "plugins": [{"type": "bridge"}]}', ""),
    ],
)
def test_the_end_of_its_name_says_what_a_file_is(name: str, text: str, reason: str) -> None:
    found = read_file(name, text)
    assert found.reason.startswith(reason)
    assert (found.conflist is None) == bool(reason)


def test_versions_are_compared_by_their_numbers() -> None:
    assert at_least("1.10.0", "1.9.0")
    assert not at_least("1.0", "0.1.0")


def test_of_several_versions_the_youngest_known_one_is_taken() -> None:
    document = {"name": "a", "cniVersions": ["0.4.0", "1.1.0", "9.0.0"], "plugins": [{"type": "bridge"}]}
    assert loaded(document).version == "1.1.0"
    assert not list(spelling_faults(loaded(document)))


@pytest.mark.parametrize("value", [True, "true"])
def test_check_can_be_switched_off(value: object) -> None:
    conflist = loaded({"cniVersion": "1.0.0", "name": "a", "disableCheck": value, "plugins": [{"type": "bridge"}]})
    assert not conflist.checks
    assert [fault.topic for fault in spelling_faults(conflist)] == ["no_check"]


def test_what_the_runtime_writes_is_no_business_of_a_list() -> None:
    document = {"cniVersion": "1.0.0", "name": "a", "plugins": [{"type": "bridge", "prevResult": {}}]}
    assert [fault.topic for fault in spelling_faults(loaded(document))] == ["reserved_key"]


def test_a_chained_plugin_does_not_stand_first() -> None:
    document = {"cniVersion": "1.0.0", "name": "a", "plugins": [{"type": "tuning"}]}
    assert [fault.topic for fault in capability_faults(loaded(document))] == ["chained_first"]


ROUTE = "Expected Route {Dst:{IP:10.5.0.0 Mask:ffff0000} GW:<nil>} not found in routing table"
BRIDGE_MAC = "Bridge interface cni0 Mac doesn't match: 22:66:fb:27:1e:ec"
OWN_MAC = "Interface eth0 Mac 02:00:00:00:00:08 doesn't match container Mac: 02:00:00:00:00:07"
IPV6 = "could not check ipv6 dnat: chain CNI-DN-1a44648c46a73cf0ca287 not found in iptables table nat"


@pytest.mark.parametrize(
    ("plugin", "version", "message", "known"),
    [
        ("portmap", "1.1.1", IPV6, True),
        ("portmap", "1.3.0", IPV6, False),
        ("portmap", "", IPV6, False),
        ("portmap", "1.1.1", "could not check ipv4 dnat: chain CNI-DN-1a not found in iptables table nat", False),
        ("bridge", "1.1.1", "Failed to match addr 10.1.0.2/16 on interface eth0", False),
        ("tuning", "1.1.1", IPV6, False),
        ("bridge", "1.1.1", ROUTE, True),
        ("bridge", "1.3.0", ROUTE, False),
        ("bridge", "1.1.1", ROUTE.replace("<nil>", "10.1.0.1"), False),
        ("bridge", "1.1.1", BRIDGE_MAC, True),
        ("bridge", "1.2.0", BRIDGE_MAC, False),
        ("bridge", "1.1.1", OWN_MAC, False),
    ],
)
def test_a_failure_of_check_that_is_the_plugins_own(plugin: str, version: str, message: str, known: bool) -> None:
    assert (check_bug(plugin, version, message) is not None) == known


@pytest.mark.parametrize(
    ("plugin", "version", "empty"),
    [("sbr", "1.9.1", True), ("portmap", "1.0.0", True), ("portmap", "1.1.1", False), ("bridge", "", False)],
)
def test_a_check_that_says_nothing(plugin: str, version: str, empty: bool) -> None:
    assert proves_nothing(plugin, version) == empty
