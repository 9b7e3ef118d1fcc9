"""Debian's plugins and containerd: lists that are loaded, attachments that are whole, and nothing that is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import Refused, StepFailed
from ansible_collections.baremetal.virt.plugins.module_utils.model.cni.attachment import DesiredAttachment, Key
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import cni_runtime
from ansible_collections.baremetal.virt.plugins.modules.cni_conformance_info import INQUIRY

from .node import PLUGINS, PORT, Bench, connected, containerd, ip, run, until

ATTACHMENTS = 100
IPAM = {"type": "host-local", "subnet": "10.9.0.0/24"}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    found = Bench(tmp_path, monkeypatch)
    yield found
    found.end()
    for name in os.listdir("/run/netns"):
        ip("netns", "delete", name)
    subprocess.run(("ip", "link", "delete", "cni0"), check=False, capture_output=True)
    run("iptables", "-t", "nat", "-F")


def test_a_chain_with_all_its_fields(bench: Bench) -> None:
    assert bench.network(bench.dbnet)["changed"] is True
    assert bench.network(bench.dbnet)["changed"] is False
    given: dict[str, Any] = {"capability_args": {"mac": "00:11:22:33:44:66", "portMappings": [PORT]}}
    bench.pod("a")
    assert bench.attach("a", **given)["changed"] is True
    shown = ip("-n", "a", "-json", "addr", "show", "dev", "eth0")
    assert json.loads(shown)[0]["address"] == "00:11:22:33:44:66"
    assert bench.address("a") in shown
    assert run("ip", "netns", "exec", "a", "cat", "/proc/sys/net/core/somaxconn").strip() == "500"
    bench.serve("a")
    assert connected("127.0.0.1", 8080)
    again = bench.attach("a", **given)
    assert again["changed"] is False
    assert "containernetworking/plugins 819" in again["plan_warnings"][0]

    ip("netns", "exec", "a", "sysctl", "-qw", "net.core.somaxconn=128")
    mended = bench.attach("a", **given)
    assert [one["id"] for one in mended["steps"]] == ["attachment.delete:dbnet-a-eth0", "attachment.add:dbnet-a-eth0"]
    assert bench.attach("a", **given)["changed"] is False

    assert bench.attach("a", state="absent")["changed"] is True
    assert bench.attach("a", state="absent")["changed"] is False
    assert bench.left() == []


def test_failures_of_check_that_are_the_plugins_own_are_real_ones(bench: Bench) -> None:
    config = {**bench.dbnet, "plugins": bench.dbnet["plugins"][:1]}
    config["plugins"][0]["ipam"]["routes"] = [{"dst": "10.5.0.0/16"}]
    bench.network(config)
    bench.pod("a")
    bench.attach("a")
    assert "it does not know routes without a gateway" in bench.attach("a")["plan_warnings"][0]
    ip("link", "set", "cni0", "address", "02:00:00:00:00:09")
    assert "the MAC that the bridge had before its first port" in bench.attach("a")["plan_warnings"][0]
    ip("-n", "a", "addr", "flush", "dev", "eth0")
    ip("link", "set", "cni0", "address", bench.result("a")["interfaces"][0]["mac"])
    assert bench.attach("a")["changed"] is True


def test_a_bridge_of_a_former_cluster(bench: Bench) -> None:
    bench.network(bench.dbnet)
    ip("link", "add", "cni0", "type", "bridge")
    ip("addr", "add", "10.244.1.1/24", "dev", "cni0")
    bench.pod("a")
    with pytest.raises(Refused, match=r"cni0 has 10\.244\.1\.1/24, and the list wants 10\.1\.0\.1/16"):
        bench.attach("a")
    other = {**bench.dbnet, "plugins": [{**bench.dbnet["plugins"][0], "mtu": 1400}]}
    with pytest.raises(Refused):
        bench.network(other)
    assert bench.network(other, bridges_removed=["cni0"])["steps"][0]["id"] == "bridge.remove:cni0"
    assert bench.attach("a")["changed"] is True


def test_a_failed_add_leaves_nothing_and_tells_the_first_error(bench: Bench) -> None:
    config = bench.dbnet
    config["plugins"][1]["sysctl"] = {"net.core.nothing_of_that_name": "1"}
    bench.network(config)
    bench.pod("a")
    with pytest.raises(StepFailed, match="tuning: .*nothing_of_that_name"):
        bench.attach("a")
    assert bench.left() == []
    assert json.loads(ip("-n", "a", "-json", "link"))[0]["ifname"] == "lo"
    assert len(json.loads(ip("-n", "a", "-json", "link"))) == 1


def test_a_port_of_a_dead_container_goes_to_the_new_one(bench: Bench) -> None:
    bench.network(bench.dbnet)
    given: dict[str, Any] = {"capability_args": {"portMappings": [PORT]}}
    bench.pod("old1")
    bench.attach("old1", **given)
    ip("netns", "delete", "old1")
    bench.pod("new1")
    bench.serve("new1")
    with pytest.raises(Refused, match="tcp/8080 is taken by old1"):
        bench.attach("new1", **given, containers=None)
    done = bench.attach("new1", **given, containers=["new1"])
    assert [one["id"] for one in done["steps"]] == [
        "attachment.delete:dbnet-old1-eth0",
        "attachment.add:dbnet-new1-eth0",
    ]
    assert connected(bench.address("new1"), 80)
    assert connected("127.0.0.1", 8080)


@pytest.mark.parametrize("plugin", ["bridge", "tuning", "portmap"])
def test_killed_in_any_plugin_the_next_run_ends_whole(bench: Bench, plugin: str, tmp_path: Path) -> None:
    bench.network(bench.dbnet)
    bench.pod("a")
    slow = tmp_path / "slow"
    slow.mkdir()
    for path in PLUGINS.iterdir():
        (slow / path.name).symlink_to(path)
    (slow / plugin).unlink()
    (slow / plugin).write_text(f"#!/bin/sh\ntouch {tmp_path}/reached\nsleep 60\n")
    (slow / plugin).chmod(0o755)
    wanted = DesiredAttachment(
        Key("dbnet", "a", "eth0"), netns="/run/netns/a", bin_dirs=(str(slow),), cache_dir=str(tmp_path / "cni")
    )
    words = (sys.executable, "-I", str(Path(cni_runtime.__file__)), "add", wanted.request(json.dumps(bench.dbnet)))
    process = subprocess.Popen(words, start_new_session=True)
    until((tmp_path / "reached").exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert [step.id for step in bench.plan("a").steps][0] == "attachment.delete:dbnet-a-eth0"
    assert bench.attach("a")["changed"] is True
    assert bench.attach("a")["changed"] is False
    bench.attach("a", state="absent")
    assert bench.left() == []


def test_a_hundred_attachments_leave_nothing(bench: Bench) -> None:
    bench.network(bench.dbnet)
    names = [f"p{number}" for number in range(ATTACHMENTS)]
    requests = {}
    for number, name in enumerate(names):
        bench.pod(name)
        port = {**PORT, "hostPort": 9000 + number}
        wanted = DesiredAttachment(
            Key("dbnet", name, "eth0"),
            netns=f"/run/netns/{name}",
            capability_args={"portMappings": [port]},
            bin_dirs=(str(PLUGINS),),
            cache_dir=str(bench.folder / "cni"),
        )
        requests[name] = wanted.request(json.dumps(bench.dbnet))
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda name: bench.node.run_program("cni_runtime", ["add", requests[name]], 120), names))
        assert {done.rc for done in added} == {0}, [done.stderr for done in added if done.rc]
        assert len({json.loads(done.stdout)["ips"][0]["address"] for done in added}) == ATTACHMENTS
        ended = list(pool.map(lambda name: bench.node.run_program("cni_runtime", ["del", requests[name]], 120), names))
    assert {done.rc for done in ended} == {0}, [done.stderr for done in ended if done.rc]
    assert bench.left() == []


def test_containerd_has_loaded_what_is_written(bench: Bench) -> None:
    with containerd(bench.folder):
        assert bench.network(bench.dbnet)["changed"] is True
        assert bench.network(bench.dbnet)["changed"] is False
        (bench.folder / "net.d" / "05-broken.conflist").write_text("{")
        told = bench.network(bench.dbnet)
        assert "05-broken.conflist does not load" in told["plan_warnings"][0]
        assert told["wins"]["containerd"]["stopped_by"] == "05-broken.conflist"


STATIC = {"type": "static", "addresses": [{"address": "10.9.0.5/24"}]}
RATES = dict.fromkeys(("ingressRate", "ingressBurst", "egressRate", "egressBurst"), 1000000)
BRIDGE: dict[str, Any] = {"type": "bridge", "bridge": "b0", "isGateway": True, "ipam": IPAM}
LISTS: dict[str, list[dict[str, Any]]] = {
    "loopback": [{"type": "loopback"}],
    "bridge": [BRIDGE],
    "ptp": [{"type": "ptp", "ipam": IPAM}],
    "macvlan": [{"type": "macvlan", "master": "up0", "ipam": IPAM}],
    "ipvlan": [{"type": "ipvlan", "master": "up0", "ipam": IPAM}],
    "vlan": [{"type": "vlan", "master": "up0", "vlanId": 5, "ipam": IPAM}],
    "host-device": [{"type": "host-device", "device": "up0", "ipam": IPAM}],
    "static": [{"type": "bridge", "bridge": "b0", "ipam": STATIC}],
    "tuning": [BRIDGE, {"type": "tuning", "sysctl": {"net.core.somaxconn": "500"}}],
    "portmap": [BRIDGE, {"type": "portmap", "runtimeConfig": {"portMappings": [PORT]}}],
    "firewall": [BRIDGE, {"type": "firewall", "backend": "iptables"}],
    "sbr": [BRIDGE, {"type": "sbr"}],
    "vrf": [BRIDGE, {"type": "vrf", "vrfname": "blue"}],
    "bandwidth": [BRIDGE, {"type": "bandwidth", "runtimeConfig": {"bandwidth": RATES}}],
}
#: What Debian 12's plugins do not keep.
BROKEN = {
    "host-device": ["a second DEL succeeds", "DEL succeeds when the namespace is gone"],
    "sbr": [
        "CHECK after ADD succeeds",
        "the second ADD has done no harm to the first",
        "a second DEL succeeds",
        "DEL succeeds when the namespace is gone",
    ],
    "static": ["twenty ADDs at once give twenty addresses"],
}
#: What this kernel has no devices for.
ELSEWHERE = ("ipvlan", "vlan", "vrf")


@pytest.mark.parametrize("name", LISTS)
def test_conformance(bench: Bench, name: str) -> None:
    config = {"cniVersion": "1.0.0", "name": "trial", "plugins": LISTS[name]}
    told = INQUIRY.answer(bench.node, {"config": config, "bin_dirs": [str(PLUGINS)]})
    print(f"\n## {name}\n\n{told['table']}")
    assert [sentence.split(": ")[0] for sentence in told["broken"]] == BROKEN.get(name, [])
    added = next(one for one in told["trials"] if one["trial"] == "add")
    assert added["verdict"] == ("skipped" if name in ELSEWHERE else "passed")
