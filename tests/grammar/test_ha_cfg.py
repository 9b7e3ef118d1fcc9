"""ha/resources.cfg and ha/rules.cfg: Proxmox VE's own parsers (PVE::HA::Resources, ::Rules) read them as we do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest import ha
from ansible_collections.baremetal.virt.plugins.module_utils.observe.guest.overview import parse_affinities
from hypothesis import given
from hypothesis import strategies as st

from ..doubles.support import FakeNode
from .proxmox import HA, MODULES, asking, perl_modules
from .sandbox import Sandbox
from .tally import agreed, enough
from .wild import Rows, some

PARSER = asking("ha_cfg.pl")

COLONS = ([": "], [":", ":  ", ":\t"], [" : ", "", "::", ":\u00a0"])
#: No no-break space: upstream cuts a list in the middle of its two bytes, and what is left names nothing that exists.
ENDS = (["\n"], [" \n", "\t\n", "\n# x\n"], ["\r\n", "", "\f\n"])
BREAKS = (["\n", "\n\n"], ["\n# z\n\n", "\n \n\n"], ["", " \n", "\r\n", "0\n", "#\n"])
INDENTS = (["\t"], ["  ", " ", "\t\t"], ["", "\v", "\u00a0"])
FLAGS: Rows = (["", "1", "0"], ["01"], ["yes", "no", "true", "2"])

RESOURCES: Rows = (["vm", "ct"], ["VM", "Ct"], ["future", "", "\u00e4"])
IDS: Rows = (["100", "101", "4711"], ["10", "100"], ["0100", "9", "abc", "1 0", "\u0661\u0661"])
OF_RESOURCE: dict[str, Rows] = {
    "state": (["started", "stopped", "disabled", "ignored"], ["enabled"], ["", "Started", "bogus", "stopped x"]),
    "max_relocate": (["1", "0"], ["007"], ["x", "-1", ""]),
    "max_restart": (["2"], [], ["x"]),
    "group": (["near"], [], ["1x", ""]),
    "failback": FLAGS,
    "comment": (["a b"], ["%C3%A4"], ["\u00fc"]),
    "bogus": (["1"], [], []),
}
RULES: Rows = (["node-affinity", "resource-affinity"], ["Node-Affinity"], ["future", ""])
NAMES: Rows = (["near", "far"], ["a-b_c", "N2"], ["1x", "x", "a b", "\u00e4b"])
OF_RULE: dict[str, Rows] = {
    "nodes": (["pve1", "pve1:2,pve3"], ["pve1;pve2", "pve1 pve2:0", "pve1,,pve2,"], ["pve_1", "pve1:x", "", ","]),
    "resources": (["vm:100", "vm:100,ct:101"], ["ct:101 vm:102;vm:103", "vm:x"], ["VM:100", "100", "", ";"]),
    "affinity": (["positive", "negative"], [], ["Positive", "", "both"]),
    "strict": FLAGS,
    "disable": FLAGS,
    "comment": (["a b"], [], [""]),
    "bogus": (["1"], [], []),
}


@st.composite
def files(draw: st.DrawFn, kinds: Rows, names: Rows, properties: dict[str, Rows], needed: tuple[str, ...]) -> str:
    wild = draw(st.sampled_from([0, 1, 1, 2, 2]))
    text = draw(some(([""], ["# x\n", "\n"], [" \n", "0\n", "\tnodes pve1\n"]), wild))
    for _section in range(draw(st.integers(0, 3))):
        rough = wild and draw(st.integers(0, wild))
        text += "".join([draw(some(rows, rough)) for rows in (kinds, COLONS, names, ENDS)])
        extra = draw(st.lists(st.sampled_from(sorted(properties)), max_size=4))
        keys = draw(st.permutations([*(() if rough == 2 and draw(st.booleans()) else needed), *extra]))
        for key in keys:
            value = draw(some(properties[key], rough))
            text += draw(some(INDENTS, rough)) + key + (f" {value}" if value else "") + draw(some(ENDS, rough))
        text += draw(some(BREAKS, rough))
    return text


def resources_of(found: dict[str, Any]) -> dict[str, tuple[str, int]]:
    return {sid: (one.get("state", "started"), int(one.get("max_relocate", 1))) for sid, one in found.items() if one}


def rules_of(found: dict[str, Any]) -> dict[str, Any]:
    """By name: what each rule is about, whether it is off, and what only its type has."""
    return {
        name: (
            sorted(one["resources"]),
            bool(one.get("disable")),
            one["affinity"]
            if one["type"] == "resource-affinity"
            else ({node: about["priority"] for node, about in one["nodes"].items()}, bool(one.get("strict"))),
        )
        for name, one in found.items()
        if one
    }


def our_rules(text: str) -> dict[str, Any]:
    node_rules = ha.observe(FakeNode({"/etc/pve/ha/rules.cfg": text})).affinities
    found: dict[str, Any] = {
        rule.name: (
            sorted(rule.resources),
            rule.disabled,
            ({node: int(priority or 0) for node, priority in rule.nodes.items()}, rule.strict),
        )
        for rule in node_rules
    }
    for rule in parse_affinities(text):
        found[rule.name] = (sorted(rule.resources), rule.disabled, "positive" if rule.together else "negative")
    return found


@pytest.fixture
def parser(sandbox_root: Path) -> Iterator[Sandbox]:
    with Sandbox(sandbox_root, {MODULES: perl_modules(HA)}) as opened:
        yield opened


def test_resources_cfg(parser: Sandbox) -> None:
    @given(files(RESOURCES, IDS, OF_RESOURCE, ()))
    def one(text: str) -> None:
        theirs = resources_of(parser.ask(PARSER, text)["resources"])
        ours = {
            sid: (found.get("state", "started"), int(found.get("max_relocate", 1)))
            for sid, found in ha.parse_resources(text).items()
        }
        assert ours == theirs
        agreed("resources.cfg", text, "read by both")

    one()
    enough("resources.cfg")


def test_rules_cfg(parser: Sandbox) -> None:
    @given(files(RULES, NAMES, OF_RULE, ("nodes", "resources", "affinity")))
    def one(text: str) -> None:
        assert our_rules(text) == rules_of(parser.ask(PARSER, text)["rules"])
        agreed("rules.cfg", text, "read by both")

    one()
    enough("rules.cfg")
