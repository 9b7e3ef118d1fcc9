"""Any cluster a node may leave × any two places to cut its removal short: the end is that of the undisturbed one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.corosync_conf import parse_corosync_conf
from ansible_collections.baremetal.virt.plugins.modules.node_membership import SUBJECT
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ....doubles import cluster_nodes as lab
from ....doubles.examples import examples
from ....doubles.leaving_ceph import CONF, LeavingCeph
from ....doubles.leaving_node import GROUPS, MAPPINGS, NODES, REPLICATION, RULES, SHARED, STORAGES, Leaving, params

RESOURCES = "/etc/pve/ha/resources.cfg"
#: Named after the version that the deletion makes: with a quorum device another one comes before.
KEPT = "/var/lib/baremetal.virt/removed/pve3.v"
#: What these print or change lies on the node itself; everything else needs the cluster's quorum.
LOCAL = re.compile(r"pvecm expected|cp ")


@dataclass(frozen=True)
class Situation:
    """``guests``: VMID → kind, running, and the state that HA wants of it, if any. Sections: name → nodes."""

    names: tuple[str, ...]
    mode: str
    guests: dict[int, tuple[str, bool, str]] = field(default_factory=dict)
    jobs: frozenset[int] = frozenset()
    rules: dict[str, list[str]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    storages: dict[str, list[str]] = field(default_factory=dict)
    mappings: dict[str, list[str]] = field(default_factory=dict)
    device: bool = False

    def node(self) -> Leaving:
        node = Leaving(self.names)
        for vmid, (kind, running, *_ha) in self.guests.items():
            volume = "rootfs" if kind == "lxc" else "scsi0"
            node.guest(vmid, f"{volume}: share:{vmid}/disk.raw\n", kind, running)
        wanted = {vmid: ha for vmid, (*_kind, ha) in self.guests.items() if ha and self.mode != "dead"}
        kinds = {vmid: "ct" if self.guests[vmid][0] == "lxc" else "vm" for vmid in wanted}
        node.write(RESOURCES, "\n".join(f"{kinds[vmid]}: {vmid}\n\tstate {ha}\n" for vmid, ha in wanted.items()))
        node.write(REPLICATION, "\n".join(f"local: {vmid}-0\n\ttarget pve3\n" for vmid in sorted(self.jobs)))
        node.write(RULES, _sections("node-affinity: ", self.rules, "\tresources vm:100\n"))
        node.write(GROUPS, _sections("group: ", self.groups))
        node.write(STORAGES, SHARED + "\n" + _sections("zfspool: ", self.storages, "\tpool tank\n"))
        node.write(
            MAPPINGS,
            "\n".join(
                f"{name}\n" + "".join(f"\tmap id=1:2,node={one},path=0000:01:00\n" for one in nodes)
                for name, nodes in self.mappings.items()
            ),
        )
        if self.device:
            node.with_device()
        return node.off("pve3") if self.mode == "dead" else node

    def wishes(self, standalone: bool = False) -> dict[str, Any]:
        discard = [f"replication/{vmid}-0" for vmid in self.jobs]
        discard += [f"storage/{name}" for name, nodes in self.storages.items() if nodes == ["pve3"]]
        votes = 1 if len(self.names) == 2 else None
        return params(self.mode, discard=discard, expected_votes=votes, standalone=standalone)


def _sections(head: str, found: dict[str, list[str]], more: str = "") -> str:
    return "\n".join(f"{head}{name}\n{more}\tnodes {','.join(nodes)}\n" for name, nodes in found.items())


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    names = draw(st.sampled_from([("pve1", "pve3"), ("pve1", "pve2", "pve3"), ("pve1", "pve2", "pve3", "pve4")]))

    def named(prefix: str) -> dict[str, list[str]]:
        nodes = st.lists(st.sampled_from(names), min_size=1, unique=True).map(sorted)
        return draw(st.dictionaries(st.sampled_from([f"{prefix}1", f"{prefix}2"]), nodes, max_size=2))

    guest = st.tuples(st.sampled_from(["qemu", "lxc"]), st.booleans(), st.sampled_from(["", "started", "stopped"]))
    return Situation(
        names,
        draw(st.sampled_from(["retire", "separate", "dead", "drain"])),
        draw(st.dictionaries(st.integers(100, 104), guest, max_size=4)),
        draw(st.frozensets(st.integers(200, 201), max_size=2)),
        named("rule"),
        named("group"),
        named("storage"),
        named("mapping"),
        draw(st.booleans()),
    )


def carry_out(node: Leaving, wishes: dict[str, Any], until: int) -> int:
    """One run, killed after so many steps; the number that it would have taken."""
    plan = make_plan(SUBJECT, wishes, node)
    assert plan.refusals == (), [str(refusal) for refusal in plan.refusals]
    for step in plan.steps[:until]:
        _check(step, node)
        node.act(step)
    return len(plan.steps)


def _check(step: Step, node: Leaving) -> None:
    if isinstance(step.action, Run) and not LOCAL.match(" ".join(step.action.argv)):
        assert json.loads(node.files[lab.MEMBERS])["cluster"]["quorate"], f"{step.why} without quorum"
    if "delnode" in getattr(step.action, "argv", ()):
        assert "pve3" not in node.awake, "deleted while it was on"


def remove(situation: Situation, cuts: Iterator[int]) -> dict[str, str]:
    """The whole playbook, with two runs of each of its parts cut short; what is in the cluster's files then."""
    node = situation.node()
    parts = (False, True) if situation.mode == "separate" else (False,)
    for standalone in parts:
        wishes = situation.wishes(standalone)
        for cut in (next(cuts), next(cuts)):
            if standalone:  # every run begins with the first part, also when the node has left corosync already
                carry_out(node, situation.wishes(), 999)
            carry_out(node, wishes, cut)
        carry_out(node, wishes, 999)
        assert carry_out(node, wishes, 0) == 0, make_plan(SUBJECT, wishes, node).sentences
        if situation.mode == "separate":
            node.off("pve3")
    return node.files


def _placed(files: dict[str, str]) -> list[str]:
    """Which guests there are; where each of them goes follows the free memory of the moment."""
    return sorted(path.rpartition("/")[2] for path in files if re.search(r"/pve/nodes/.*/\d+\.conf$", path))


def _others(files: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if not path.endswith(".conf") and path != lab.VMLIST}


@settings(max_examples=examples(200), deadline=None)
@given(situation=situations(), cuts=st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_whatever_is_cut_short_ends_alike(situation: Situation, cuts: list[int]) -> None:
    whole = remove(situation, iter([0] * 4))
    files = remove(situation, iter(cuts))
    assert _others(files) == _others(whole)
    assert _placed(files) == _placed(whole) == sorted(f"{vmid}.conf" for vmid in situation.guests)
    if situation.mode == "drain":
        return
    assert f"{KEPT}{5 if situation.device else 4}/pve-ssl.pem" in files
    assert parse_corosync_conf(files[lab.CONFIG]).qdevice is None
    assert not any(path.startswith(f"{NODES}/pve3/") for path in files)
    for path in (STORAGES, RULES, GROUPS, MAPPINGS, REPLICATION):
        assert "pve3" not in files[path], path


@st.composite
def clusters_with_ceph(draw: st.DrawFn) -> Callable[[], LeavingCeph]:
    """pve3 has an OSD and any of the daemons; the others have what they have."""
    names = ("pve1", "pve2", "pve3", "pve4")
    mons = draw(st.integers(1, 4))
    size = draw(st.integers(1, 3))
    without = draw(st.sets(st.sampled_from(["pve1", "pve3"])))
    filesystem, used, dead = draw(st.booleans()), draw(st.sampled_from([0, 100, 500])), draw(st.booleans())

    def make() -> LeavingCeph:
        node = LeavingCeph(names, mons, size).without(*without)
        node.used = used
        node.entities = {f"mgr.{name}" for name in node.mgrs} | {f"mds.{name}" for name in node.mds}
        node.sections = [f"mon.{name}" for name in node.mons] + [f"mds.{name}" for name in node.mds]
        if filesystem:
            node.filesystem()
        if dead:
            node.dead()
        return node.conf()

    return make


@settings(max_examples=examples(150), deadline=None)
@given(make=clusters_with_ceph(), cuts=st.lists(st.integers(0, 30), min_size=2, max_size=2))
def test_so_does_ceph(make: Callable[[], LeavingCeph], cuts: list[int]) -> None:
    wishes = params("retire" if "pve3" in make().awake else "dead", single_monitor=True)
    assume(not make_plan(SUBJECT, wishes, make()).refusals)
    ends = []
    for stops in ([0, 0], cuts):
        node = make()
        for stop in (*stops, 999):
            carry_out(node, wishes, stop)
        assert carry_out(node, wishes, 0) == 0, make_plan(SUBJECT, wishes, node).sentences
        ends.append((node.files, node.everything()))
    assert ends[0] == ends[1]
    assert "pve3" not in json.dumps(ends[1][1])
    assert "pve3" not in node.files[CONF]
