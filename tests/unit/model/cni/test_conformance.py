"""What the specification asks is a table; what was seen is judged by it, with failures that are known of a version."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.conformance import (
    TRIALS,
    Outcome,
    judged,
    junit,
    table,
)
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.node import Program

from .test_conflist import IPV6, loaded

GOOD: dict[str, Any] = {"rc": 0, "code": 0, "msg": ""}
BAD: dict[str, Any] = {"rc": 1, "code": 999, "msg": "no"}
RIGHT: dict[str, dict[str, Any]] = {
    "version": {**GOOD, "versions": ["0.4.0", "1.0.0"]},
    **{name: {**BAD, "code": 4} for name in ("container_invalid", "ifname_invalid")},
    **{f"without_CNI_{name}": {**BAD, "code": 4} for name in ("CONTAINERID", "NETNS", "IFNAME")},
    "version_unknown": {**BAD, "code": 1},
    "add": {**GOOD, "version": "1.0.0", "addresses": ["10.9.0.2/24"]},
    "add_without_namespace": BAD,
    "check": GOOD,
    "add_twice": BAD,
    "check_after_add_twice": GOOD,
    "check_tampered": BAD,
    "del": {**GOOD, "left": []},
    "del_twice": GOOD,
    "del_without_namespace": GOOD,
    "parallel": {**GOOD, "addresses": ["10.9.0.2/24", "10.9.0.3/24"], "failed": 0},
}


def outcomes(seen: dict[str, dict[str, Any]], *types: str, version: str = "1.0.0") -> dict[str, Outcome]:
    plugins = [{"type": kind} for kind in types or ("bridge",)]
    conflist = loaded({"cniVersion": version, "name": "trial", "plugins": plugins})
    programs = {"portmap": Program("/usr/lib/cni/portmap", (), "1.1.1")}
    return {one.trial: one for one in judged(conflist, programs, seen)}


def test_what_keeps_the_specification() -> None:
    found = outcomes(RIGHT)
    assert list(found) == list(TRIALS)
    assert {one.trial for one in found.values() if one.verdict != "passed"} == {"status", "gc"}


@pytest.mark.parametrize(
    ("trial", "seen", "told"),
    [
        ("without_CNI_NETNS", BAD, "code 999: no, where code 4 is asked for"),
        ("without_CNI_NETNS", GOOD, "it succeeded, where code 4 is asked for"),
        ("version_unknown", {"rc": 2, "code": 0, "msg": "panic"}, "exit code 2: panic, where code 1 is asked for"),
        ("version", {**GOOD, "versions": ["0.4.0"]}, "it knows 0.4.0"),
        ("add", {**RIGHT["add"], "version": "0.4.0"}, "the result is of version 0.4.0, not 1.0.0"),
        ("add_without_namespace", GOOD, "it succeeded"),
        ("add_twice", GOOD, "it succeeded"),
        ("check_after_add_twice", BAD, "code 999: no"),
        ("check_tampered", GOOD, "it succeeded"),
        ("del", {**GOOD, "left": ["veth1"]}, "veth1 is left"),
        ("del_twice", BAD, "code 999: no"),
        ("parallel", {**GOOD, "addresses": ["10.9.0.2/24"] * 2, "failed": 0}, "10.9.0.2/24 was given more than once"),
        ("parallel", {**BAD, "addresses": [], "failed": 3}, "3 failed: code 999: no"),
    ],
)
def test_what_does_not(trial: str, seen: dict[str, Any], told: str) -> None:
    found = outcomes({**RIGHT, trial: seen})[trial]
    assert (found.verdict, found.told) == ("failed", told)


def test_a_failure_of_check_that_is_known_is_no_failure_and_no_success() -> None:
    check = {**BAD, "msg": IPV6}
    found = outcomes({**RIGHT, "check": check, "check_tampered": check}, "bridge", "portmap")
    assert found["check"].verdict == "known"
    assert "containernetworking/plugins 819" in found["check"].told
    assert found["check_tampered"].verdict == "known"


def test_what_the_kernel_does_not_allow_is_said_and_no_failure() -> None:
    made = {name: seen for name, seen in RIGHT.items() if seen["code"] in (1, 4) or name == "version"}
    failed = {**BAD, "msg": "failed to create ipvlan: operation not supported"}
    found = outcomes({**made, "add": failed}, "ipvlan")
    assert (found["add"].verdict, found["del"].verdict, found["version"].verdict) == ("skipped", "skipped", "passed")
    assert "operation not supported" in found["add"].told
    found = outcomes({**made, "add": BAD})
    assert (found["add"].verdict, found["del"].told) == ("failed", "nothing could be added")


def test_what_does_not_apply() -> None:
    assert outcomes(RIGHT, "loopback")["add_twice"].verdict == "skipped"
    assert outcomes(RIGHT, "host-device")["parallel"].verdict == "skipped"
    old = outcomes({**RIGHT, "add": {**RIGHT["add"], "version": "0.3.1"}}, version="0.3.1")
    assert (old["check"].verdict, old["add"].verdict) == ("skipped", "passed")
    young = outcomes({**RIGHT, "status": GOOD, "gc": BAD}, version="1.1.0")
    assert (young["status"].verdict, young["gc"].verdict) == ("passed", "failed")


def test_the_result_is_junit_and_a_table() -> None:
    found = list(outcomes({**RIGHT, "del_twice": {**BAD, "msg": 'no "<veth>" | here\x00'}}).values())
    suite = ElementTree.fromstring(junit("trial 1.0.0", found).split("\n", 1)[1])
    assert suite.attrib == {"name": "trial 1.0.0", "tests": str(len(TRIALS)), "failures": "1", "skipped": "2"}
    (failure,) = suite.iter("failure")
    assert failure.attrib["message"] == 'code 999: no "<veth>" | here'
    assert len(table(found).splitlines()) == len(TRIALS) + 2
    assert '| failed | a second DEL succeeds | code 999: no "<veth>" / here' in table(found)
