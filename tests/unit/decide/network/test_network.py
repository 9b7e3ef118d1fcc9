"""network: the whole plan on a node in memory; a kill after every step, and nothing to do the second time."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.guarded_change import CONFIRM
from ansible_collections.baremetal.virt.plugins.module_utils.decide.network.network import expected_of
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Invalid, Refused
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Program, Run, Step, Wait
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import converge, make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.guarded_change import RECORD
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.meaning import interfaces, routes_of
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import MAIN
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network import kernel
from ansible_collections.baremetal.virt.plugins.module_utils.observe.network.network import CLIENTS
from ansible_collections.baremetal.virt.plugins.modules.network import SUBJECT
from ansible_collections.baremetal.virt.tests.doubles.fake_debian import DPKG
from ansible_collections.baremetal.virt.tests.doubles.support import FakeNode, printed

DEBIAN = (
    "auto lo\niface lo inet loopback\n\nallow-hotplug eno1\niface eno1 inet static\n\taddress 192.0.2.11/24\n"
    "\tgateway 192.0.2.1\n"
)
BRIDGE = {"name": "vmbr0", "type": "bridge", "ports": ["eno1"], "take_over": "eno1", "auto": True}
PARAMS: dict[str, Any] = {"interfaces": [BRIDGE], "allow_dhcp": False, "timeout": 60, "targets": []}
MACS = {"eno1": "02:00:00:00:00:01", "eno2": "02:00:00:00:00:02"}


class NetworkNode(FakeNode):
    """Its kernel has what the files say, since they were loaded last."""

    def __init__(self, text: str = DEBIAN, package: str = "ifupdown") -> None:
        super().__init__(files={MAIN: text, "/proc/sys/kernel/hostname": "pve1\n"})
        self.package, self.kept, self.change = package, dict[str, Optional[str]](), dict[str, Any]()
        self.loaded = interfaces(read(self.files, "ifupdown"))
        self.commands.update({
            kernel.ADDRESSES: lambda node: printed(json.dumps(self.links())),
            kernel.ROUTES[4]: lambda node: printed(json.dumps(self.routes())),
            kernel.ROUTES[6]: printed("[]"),
            kernel.VLANS: printed("[]"),
            CLIENTS: printed(""),
            DPKG: lambda node: printed(f"{self.package}\t3.3.0\tinstalled\n"),
        })  # fmt: skip

    def links(self) -> list[dict[str, Any]]:
        masters = {port: one.name for one in self.loaded.values() for port in one.lower if one.bridge or one.bond}
        names = dict.fromkeys((*MACS, *self.loaded))
        return [
            {
                "ifname": name,
                "address": MACS.get(name) or self.loaded[name].mac,
                "flags": ["UP", "LOWER_UP"],
                "mtu": (name in self.loaded and self.loaded[name].mtu) or 1500,
                "master": masters.get(name, ""),
                "addr_info": [
                    {"local": str(address.ip), "prefixlen": address.network.prefixlen}
                    for address in (self.loaded[name].addresses if name in self.loaded else ())
                ],
            }
            for name in names
        ]

    def routes(self) -> list[dict[str, Any]]:
        return [
            {"dst": str(route.to), "gateway": str(route.via), "dev": one.name}
            for one in self.loaded.values()
            for route in routes_of(one)
        ]

    def _digest(self, argument: tuple[str, ...]) -> Optional[str]:
        text = self.files.get(argument[0])
        return None if text is None else hashlib.sha256(text.encode()).hexdigest()

    def load(self) -> None:
        self.loaded = interfaces(read(self.files, "ifupdown2"))

    def act(self, step: Step) -> None:
        action = step.action
        if isinstance(action, Run):
            assert "ifupdown2" in action.argv and ("IFUPDOWN2_NO_IFRELOAD", "1") in action.env
            self.package = "ifupdown2"
        elif isinstance(action, Program):
            self._program_runs(action)
        else:
            super().act(step)

    def _program_runs(self, action: Program) -> None:
        mode = action.arguments[0]
        if (action.name, mode) == ("network_files", "keep"):
            self.change = json.loads(action.stdin or "")
            self.kept = {file["path"]: file.get("back", self.files.get(file["path"])) for file in self.change["files"]}
        elif mode == "prepare":
            assert self.package == "ifupdown2", "the package comes before"
            self.files[RECORD] = json.dumps({"state": "prepared"})
        elif mode == "change":
            self.files.update({file["path"]: file["text"] for file in self.change["files"]})
            self.files[RECORD] = json.dumps({"state": "pending"})
            self.load()

    def confirm(self) -> None:
        del self.files[RECORD]

    def time_passes(self) -> None:
        """What nobody has confirmed is taken back."""
        if json.loads(self.files.get(RECORD, "{}")).get("state") == "pending":
            self.files.update({path: text for path, text in self.kept.items() if text is not None})
            del self.files[RECORD]
            self.load()


def act(step: Step, node: Any) -> str:
    node.act(step)
    return ""


def test_the_whole_way_from_the_installer() -> None:
    node = NetworkNode()
    plan = make_plan(SUBJECT, PARAMS, node)
    assert [step.id for step in plan.steps] == [
        f"file.write:{MAIN}",
        "package.install:ifupdown2",
        "network.keep:files",
        "network.keep:kernel",
        "network.guard",
        "network.change",
        CONFIRM,
    ]
    assert plan.steps[5].why == "Change eno1, vmbr0 (ifreload -a)"
    assert plan.after["vmbr0"]["addresses"] == ["192.0.2.11/24"] and plan.before["eno1"]["gateway"] == "192.0.2.1"
    assert converge(SUBJECT, PARAMS, node, False, act)["unfinished"]["id"] == CONFIRM
    node.confirm()
    assert converge(SUBJECT, PARAMS, node, False, act)["changed"] is False
    assert "address 192.0.2.11/24" in node.files[MAIN] and "allow-hotplug" not in node.files[MAIN]


@pytest.mark.parametrize("killed", range(8))
@pytest.mark.parametrize("in_time", [True, False])
def test_a_kill_after_every_step(killed: int, in_time: bool) -> None:
    node = NetworkNode()
    for step in make_plan(SUBJECT, PARAMS, node).steps[:killed]:
        if not isinstance(step.action, Wait):
            node.act(step)
    before = {address for one in node.loaded.values() for address in one.addresses}
    node.time_passes() if not in_time or killed > 5 else None
    assert {address for one in node.loaded.values() for address in one.addresses} == before
    assert converge(SUBJECT, PARAMS, node, False, act)["unfinished"]["id"] == CONFIRM
    node.confirm()
    assert make_plan(SUBJECT, PARAMS, node).steps == () and make_plan(SUBJECT, PARAMS, node).refusals == ()


def test_nothing_is_declared() -> None:
    plan = make_plan(SUBJECT, {**PARAMS, "interfaces": []}, NetworkNode())
    assert (plan.steps, plan.refusals, plan.warnings) == ((), (), ())


AS_IT_IS = {"name": "eno1", "type": "physical", "addresses": ["192.0.2.11/24"], "gateway": "192.0.2.1", "auto": True}


def test_what_is_there_as_declared_is_loaded_by_nobody() -> None:
    """ifupdown2 needs other words for it, and has nothing to change; ifreload comes with it, and not before."""
    node = NetworkNode()
    params = {**PARAMS, "interfaces": [AS_IT_IS]}
    plan = make_plan(SUBJECT, params, node)
    assert [step.id for step in plan.steps] == [f"file.write:{MAIN}", "package.install:ifupdown2"]
    for step in plan.steps:
        node.act(step)
    assert (make_plan(SUBJECT, params, node).steps, make_plan(SUBJECT, params, node).refusals) == ((), ())
    assert "auto eno1" in node.files[MAIN] and "hotplug" not in node.files[MAIN]


def test_a_remark_alone_comes_after_the_package_as_well() -> None:
    plan = make_plan(SUBJECT, {**PARAMS, "interfaces": [{**AS_IT_IS, "comment": "management"}]}, NetworkNode())
    assert [step.id for step in plan.steps][:3] == [
        f"file.write:{MAIN}",
        "package.install:ifupdown2",
        "network.keep:files",
    ]


def test_what_is_written_and_not_there_is_told() -> None:
    text = "auto lo\niface lo inet loopback\n\nauto eno1\niface eno1 inet static\n\taddress 192.0.2.11/24\n"
    node = NetworkNode(text, "ifupdown2")
    declared = {**PARAMS, "interfaces": [{"name": "eno1", "type": "physical", "addresses": ["192.0.2.11/24"]}]}
    assert make_plan(SUBJECT, declared, node).refusals == ()
    node.loaded = {}
    node.commands["find_strangers", "192.0.2.11@eno1"] = printed(json.dumps({"strangers": [], "unknown": []}))
    with pytest.raises(Refused, match="and yet: eno1 does not have 192.0.2.11/24"):
        converge(SUBJECT, declared, node, False, act)


def test_what_is_expected_before_it_is_confirmed() -> None:
    target = {"address": "192.0.2.1", "what": "the gateway", "mtu": 9000, "source": None}
    interface = {"name": "eno2", "type": "physical", "addresses": ["10.0.0.1/24"]}
    desired = SUBJECT.desired({**PARAMS, "interfaces": [interface], "targets": [target]})
    expected = expected_of(desired)
    assert expected.addresses == ("10.0.0.1/24",) and expected.seconds == 30
    assert [(one.address, one.mtu, one.source) for one in expected.targets] == [("192.0.2.1", 9000, "")]
    with pytest.raises(Invalid, match="targets: 'pve2'"):
        SUBJECT.desired({**PARAMS, "targets": [{**target, "address": "pve2"}]})
    with pytest.raises(Invalid, match="timeout 5"):
        SUBJECT.desired({**PARAMS, "timeout": 5})


def test_other_plans_can_count_on_the_addresses_that_come() -> None:
    """Those of the bridge and of a new port, and what stays; nothing once it is there."""
    node = NetworkNode()
    storage = {"name": "eno2", "type": "physical", "addresses": ["10.10.2.11/24"], "mtu": 9000, "auto": True}
    params = {**PARAMS, "interfaces": [BRIDGE, storage]}
    node.commands["find_strangers", "10.10.2.11@eno2"] = printed(json.dumps({"strangers": [], "unknown": []}))
    told = make_plan(SUBJECT, params, node).tells["coming"]
    assert {one["interface"]: (one["address"], one["mtu"]) for one in told} == {
        "vmbr0": ("192.0.2.11/24", 1500),
        "eno2": ("10.10.2.11/24", 9000),
    }
    assert make_plan(SUBJECT, {**PARAMS, "interfaces": []}, node).tells == {"coming": []}
