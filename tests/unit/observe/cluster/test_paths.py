"""Trying links: what ping prints on a node, for any outcome."""

from __future__ import annotations

import json
from typing import Any, Optional

from ansible_collections.baremetal.virt.plugins.module_utils.decide.cluster.context import context_from
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import Completed
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.context import ClusterContext
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.links import Links
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.paths import Path
from ansible_collections.baremetal.virt.plugins.module_utils.observe.cluster.paths import observe

from ....doubles import cluster_nodes as lab
from ....doubles.cluster_wishes import SUBJECT, lead, params
from ....doubles.support import FakeNode, printed

OWN, LEAD = ["10.10.1.12", "10.10.2.12"], {"name": "pve1", "links": ["10.10.1.11", "10.10.2.11"]}
ANSWERED = """PING 10.10.1.11 (10.10.1.11) from 10.10.1.12 : 1472(1500) bytes of data.

--- 10.10.1.11 ping statistics ---
4 packets transmitted, 4 received, 0% packet loss, time 601ms
rtt min/avg/max/mdev = 0.038/0.053/0.068/0.015 ms
"""
SILENT = """PING 10.10.1.11 (10.10.1.11) from 10.10.1.12 : 1472(1500) bytes of data.

--- 10.10.1.11 ping statistics ---
4 packets transmitted, 0 received, 100% packet loss, time 624ms

"""


def ping(source: str, address: str, size: Optional[int]) -> tuple[str, ...]:
    whole = () if size is None else ("-s", str(size), "-M", "do")
    return ("ping", "-n", "-q", "-c", "4", "-i", "0.2", "-W", "1", "-I", source, *whole, address)


def node(**answers: bool) -> FakeNode:
    """pve2, whose pings to pve1 are answered or not; ``link0`` at full size, ``small0`` otherwise."""
    found = lab.standalone(2)
    for number, (source, address) in enumerate(zip(OWN, LEAD["links"])):
        for name, size in ((f"link{number}", 1472), (f"small{number}", None)):
            done = Completed(0, ANSWERED, "") if answers.get(name, True) else Completed(1, SILENT, "")
            found.commands[ping(source, address, size)] = done
    found.clocks["10.10.1.11:8006"] = 0.25
    found.commands[lab.strangers(2)] = printed('{"strangers": [], "unknown": []}')
    return found


def ask(reader: FakeNode, **changes: Any) -> dict[str, Any]:
    context = {"nodes": [LEAD], "lead": {"address": "10.10.1.11"}, **changes}
    return observe(reader, Links.in_order(OWN), context_from(context)).document()


def test_links_that_answer() -> None:
    found = ask(node())
    assert [Path(**way) for way in found["ways"]] == [
        Path("pve1", 0, "10.10.1.12", "10.10.1.11", 1500, latency=0.053),
        Path("pve1", 1, "10.10.2.12", "10.10.2.11", 1500, latency=0.053),
    ]
    assert (found["lead"], found["skew"]) == ("10.10.1.11", 0.25)


def test_a_link_that_is_dead() -> None:
    first, second = ask(node(link1=False, small1=False))["ways"]
    assert first["reached"] and not second["reached"] and second["latency"] is None


def test_a_link_that_drops_packets_of_full_size() -> None:
    way = ask(node(link0=False))["ways"][0]
    assert way["reached"] and not way["whole"]


def test_without_ping_nothing_is_known() -> None:
    assert [way["tried"] for way in ask(lab.standalone(2))["ways"]] == [False, False]


def test_the_size_is_that_of_the_interface() -> None:
    reader = lab.standalone(2)
    text = reader.commands["ip", "-json", "address"].stdout.replace('"ifname": "eth0"', '"mtu": 9000, "ifname": "eth0"')  # type: ignore[union-attr]
    reader.commands["ip", "-json", "address"] = Completed(0, text, "")
    reader.commands[ping("10.10.1.12", "10.10.1.11", 8972)] = Completed(0, ANSWERED, "")
    way = ask(reader)["ways"][0]
    assert (way["mtu"], way["tried"], way["whole"]) == (9000, True, True)


def test_unknown_addresses_and_a_silent_lead() -> None:
    found = ask(node(), nodes=[{"name": "pve3", "links": ["", ""]}], lead={"address": "10.10.1.99"})
    assert (found["ways"], found["lead"], found["skew"]) == ([], "10.10.1.99", None)
    assert ask(node(), lead=None)["skew"] is None


def test_a_stranger_on_the_wire() -> None:
    reader = node()
    told = {"strangers": [["10.10.2.12", "eth1", "02:00:00:00:00:99"]], "unknown": [["10.10.1.12", "eth0", "no"]]}
    reader.commands[lab.strangers(2)] = printed(json.dumps(told))
    found = ask(reader)
    assert found["strangers"] == [
        {"link": 1, "address": "10.10.2.12", "interface": "eth1", "hardware": "02:00:00:00:00:99"}
    ]
    assert found["unknown"] == ["10.10.1.12 on eth0: no"]


def test_a_node_without_a_lead_asks_only_on_the_wire() -> None:
    reader = lab.standalone(2)
    reader.commands[lab.strangers(2)] = printed('{"strangers": [], "unknown": []}')
    assert ask(reader, lead=None) == {"ways": [], "lead": None, "skew": None, "strangers": [], "unknown": []}


def test_a_program_that_fails_leaves_it_unknown() -> None:
    reader = node()
    reader.commands[lab.strangers(2)] = Completed(1, "", "Traceback ...\nPermissionError: not permitted\n")
    assert (ask(reader)["strangers"], ask(reader)["unknown"]) == ([], ["PermissionError: not permitted"])


def test_a_plan_for_which_the_links_were_tried_tells_what_was_found() -> None:
    context = {"nodes": [LEAD], "lead": lead()}
    made = make_plan(SUBJECT, params(context=context, try_links=OWN), node())
    assert ClusterContext.parse(made.tells["context"]).paths is not None and not made.refusals
    unreached = make_plan(SUBJECT, params(context=context, try_links=OWN), node(link0=False, small0=False))
    assert "pve1" in unreached.refusals[0].reason
    again = make_plan(SUBJECT, params(context=made.tells["context"]), lab.standalone(2))
    assert (again.steps, again.refusals, again.tells) == (made.steps, (), {}), "nobody tries them again"
