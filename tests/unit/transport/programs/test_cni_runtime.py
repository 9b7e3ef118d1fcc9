"""CNI plugins are called as a runtime does it: in turn, in reverse, along the list that was stored."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.transport.programs import cni_runtime

pytestmark = pytest.mark.slow
#: Notes each call with what it got, and does what the file ``orders`` says of it: fail, hang or crash.
PLUGIN = """#!{python}
import json, os, sys, time
folder, name, verb = os.path.dirname(__file__), os.path.basename(__file__), os.environ.get("CNI_COMMAND", "")
if not verb:
    sys.exit(sys.stderr.write("CNI " + name + " plugin v1.5.1\\nCNI protocol versions supported: 1.0.0\\n") and 1)
got = json.load(sys.stdin)
if verb == "VERSION":
    print(json.dumps(dict(cniVersion="1.0.0", supportedVersions=["0.4.0", "1.0.0"])))
    sys.exit()
about = dict((key, os.environ[key]) for key in sorted(os.environ) if key.startswith("CNI_"))
with open(os.path.join(folder, "calls"), "a") as stream:
    stream.write(json.dumps(dict(verb=verb, name=name, config=got, env=about)) + "\\n")
order = json.load(open(os.path.join(folder, "orders"))).get(name + " " + verb)
if order == "crash":
    sys.exit(sys.stderr.write("panic: nil pointer") and 2)
if order == "hang":
    time.sleep(60)
if order:
    print(json.dumps(dict(code=int(order), msg="it is " + name + "'s fault", details="really")))
    sys.exit(1)
if verb == "ADD":
    result = got.get("prevResult") or dict(cniVersion="1.0.0", ips=[])
    print(json.dumps(dict(result, ips=result["ips"] + [dict(address=name)])))
"""
LIST: dict[str, Any] = {
    "cniVersion": "1.0.0",
    "name": "net-a",
    "plugins": [
        {"type": "first", "capabilities": {"mac": True}, "mtu": 1450},
        {"type": "second", "capabilities": {"portMappings": True, "mac": False}},
    ],
}
PORTS = [{"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}]


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder, folder / "bin"
        self.bin.mkdir()
        self._seen = 0
        for name in ("first", "second"):
            (self.bin / name).write_text(PLUGIN.format(python=sys.executable))
            (self.bin / name).chmod(0o755)
        self.order()
        self.request: dict[str, Any] = {
            "network": "net-a",
            "container": "ctr-1",
            "netns": "/run/netns/nowhere",
            "ifname": "eth0",
            "args": {"K8S_POD_NAME": "a", "IgnoreUnknown": "1"},
            "capability_args": {"mac": "00:11:22:33:44:66", "portMappings": PORTS},
            "config": json.dumps(LIST),
            "bin_path": f"{folder}/missing:{self.bin}",
            "cache_dir": str(folder / "cni"),
            "notes": str(folder / "notes"),
            "locks": str(folder / "locks"),
        }

    def order(self, **orders: str) -> None:
        """``second_ADD="11"``: that plugin fails so."""
        (self.bin / "orders").write_text(json.dumps({key.replace("_", " "): value for key, value in orders.items()}))

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Those since the last look; what is not written to its end counts in the next one."""
        path = self.bin / "calls"
        new = path.read_text()[self._seen :] if path.exists() else ""
        whole = new[: new.rfind("\n") + 1]
        self._seen += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def verbs(self) -> list[str]:
        return [f"{one['verb']} {one['name']}" for one in self.calls]

    @property
    def cache(self) -> Path:
        return self.folder / "cni" / "results" / "net-a-ctr-1-eth0"

    @property
    def note(self) -> Path:
        return self.folder / "notes" / "net-a-ctr-1-eth0"

    def ask(self, mode: str) -> Any:
        modes = {"add": cni_runtime.add, "del": cni_runtime.delete, "look": cni_runtime.look}
        return modes[mode](json.dumps(self.request))

    @property
    def left(self) -> list[str]:
        """Whatever lies there besides the plugins."""
        kept = [path for name in ("cni", "notes", "locks") for path in (self.folder / name).rglob("*")]
        return [path.name for path in kept if path.is_file()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path)


def test_what_each_plugin_is_told(bench: Bench) -> None:
    result = bench.ask("add")
    assert [one["address"] for one in result["ips"]] == ["first", "second"]
    first, second = bench.calls
    assert first["config"] == {
        "type": "first",
        "mtu": 1450,
        "name": "net-a",
        "cniVersion": "1.0.0",
        "runtimeConfig": {"mac": "00:11:22:33:44:66"},
    }
    assert second["config"]["runtimeConfig"] == {"portMappings": PORTS}
    assert [one["address"] for one in second["config"]["prevResult"]["ips"]] == ["first"]
    assert first["env"] == {
        "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAME=a",
        "CNI_COMMAND": "ADD",
        "CNI_CONTAINERID": "ctr-1",
        "CNI_IFNAME": "eth0",
        "CNI_NETNS": "/run/netns/nowhere",
        "CNI_PATH": bench.request["bin_path"],
    }


def test_the_cache_has_libcnis_form_and_place_and_is_roots_alone(bench: Bench) -> None:
    result = bench.ask("add")
    kept = json.loads(bench.cache.read_text())
    assert json.loads(base64.b64decode(kept.pop("config"))) == LIST
    assert kept == {
        "kind": "cniCacheV1",
        "containerId": "ctr-1",
        "ifName": "eth0",
        "networkName": "net-a",
        "netns": "/run/netns/nowhere",
        "cniArgs": [["IgnoreUnknown", "1"], ["K8S_POD_NAME", "a"]],
        "capabilityArgs": {"mac": "00:11:22:33:44:66", "portMappings": PORTS},
        "result": result,
    }
    assert (bench.cache.stat().st_mode & 0o777, bench.cache.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert bench.left == ["net-a-ctr-1-eth0"]


def test_del_and_check_follow_the_list_that_was_stored(bench: Bench) -> None:
    result = bench.ask("add")
    assert bench.verbs == ["ADD first", "ADD second"]
    bench.request["config"] = json.dumps({"cniVersion": "1.0.0", "name": "net-a", "plugins": [{"type": "gone"}]})
    assert bench.ask("look")["failures"] == []
    assert [(one["verb"], one["name"], one["config"]["prevResult"]) for one in bench.calls] == [
        ("CHECK", "first", result),
        ("CHECK", "second", result),
    ]
    bench.ask("del")
    assert [(one["verb"], one["name"], one["config"]["prevResult"]) for one in bench.calls] == [
        ("DEL", "second", result),
        ("DEL", "first", result),
    ]
    assert bench.left == []
    bench.ask("del")
    assert bench.verbs == []


def test_before_0_4_0_nobody_is_checked_nor_told_a_result_at_the_end(bench: Bench) -> None:
    bench.request["config"] = json.dumps({**LIST, "cniVersion": "0.3.1"})
    bench.ask("add")
    assert bench.ask("look")["checkable"] is False
    bench.ask("del")
    assert ["prevResult" in one["config"] for one in bench.calls if one["verb"] != "ADD"] == [False, False]


def test_a_failed_add_is_taken_back_and_the_first_error_is_told(bench: Bench) -> None:
    bench.order(second_ADD="11")
    with pytest.raises(cni_runtime.Failure, match=r"^second: it is second's fault; really \(code 11\)$"):
        bench.ask("add")
    assert bench.verbs == ["ADD first", "ADD second", "DEL second", "DEL first"]
    assert bench.left == []


def test_what_could_not_be_taken_back_stays_noted(bench: Bench) -> None:
    bench.order(second_ADD="11", first_DEL="999")
    with pytest.raises(cni_runtime.Failure, match=r"second's fault; really; then DEL: first: it is first's fault"):
        bench.ask("add")
    assert bench.left == ["net-a-ctr-1-eth0"]
    told = bench.ask("look")
    assert (told["cached"], told["noted"]["containerId"]) == (None, "ctr-1")
    bench.order()
    bench.ask("del")
    assert bench.left == []


def test_a_failed_del_keeps_what_is_known(bench: Bench) -> None:
    bench.ask("add")
    bench.order(second_DEL="crash")
    with pytest.raises(cni_runtime.Failure, match="second: panic: nil pointer"):
        bench.ask("del")
    assert bench.verbs[2:] == ["DEL second"]
    assert bench.left == ["net-a-ctr-1-eth0"]


def test_every_plugin_is_checked_so_that_one_hides_no_other(bench: Bench) -> None:
    bench.ask("add")
    bench.order(first_CHECK="999", second_CHECK="100")
    assert [(one["plugin"], one["code"]) for one in bench.ask("look")["failures"]] == [("first", 999), ("second", 100)]


@pytest.mark.parametrize("text", ["{", "[]", '{"cniVersion": "1.0.0", "ips": []}', '{"kind": "cniCacheV1"}'])
def test_a_cache_that_tells_no_list_is_said_to_be_none(bench: Bench, text: str) -> None:
    bench.cache.parent.mkdir(parents=True)
    bench.cache.write_text(text)
    assert "unreadable" in bench.ask("look")
    with pytest.raises(ValueError):
        bench.ask("del")
    assert bench.cache.read_text() == text


def test_a_plugin_that_is_missing_is_a_failure_that_names_it(bench: Bench) -> None:
    bench.request["config"] = json.dumps({**LIST, "plugins": [{"type": "absent"}]})
    with pytest.raises(cni_runtime.Failure, match="absent: failed to find plugin in "):
        bench.ask("add")


def test_each_plugin_tells_its_versions(bench: Bench) -> None:
    told = cni_runtime.versions(bench.request["bin_path"], "first", "absent")
    assert told == {
        "first": {"path": str(bench.bin / "first"), "versions": ["0.4.0", "1.0.0"], "banner": "CNI first plugin v1.5.1"}
    }


def test_a_namespace_is_asked_for_the_interface_only_where_it_is(bench: Bench) -> None:
    assert bench.ask("look")["interface"] is False
    assert cni_runtime.has_interface("/proc/self/ns/net", "nothing0") is False


def test_connections_are_forgotten_also_where_there_are_none(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = bench.bin / "conntrack"
    monkeypatch.setenv("PATH", f"{bench.bin}:/usr/bin:/bin")
    tool.write_text(f'#!/bin/sh\necho "$@" >> {bench.folder}/asked; exit $(cat {bench.folder}/rc)\n')
    tool.chmod(0o755)
    (bench.folder / "rc").write_text("1")
    assert cni_runtime.untrack("53", "54") == {}
    assert (bench.folder / "asked").read_text().splitlines()[0] == "--delete --proto udp --orig-port-dst 53"
    (bench.folder / "rc").write_text("2")
    with pytest.raises(cni_runtime.Failure):
        cni_runtime.untrack("53")


def test_status_is_asked_of_lists_that_know_it(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text(json.dumps(LIST))
    assert cni_runtime.status(str(bench.bin), str(path)) == {}
    path.write_text(json.dumps({**LIST, "cniVersions": ["1.0.0", "1.1.0"]}))
    bench.order(second_STATUS="50")
    assert cni_runtime.status(str(bench.bin), str(path)) == {"second": "second: it is second's fault; really (code 50)"}


def test_one_container_is_worked_on_by_one_at_a_time_and_others_meanwhile(bench: Bench) -> None:
    order: list[str] = []
    inside, done = threading.Event(), threading.Event()

    def first() -> None:
        with cni_runtime.alone(bench.request):
            order.append("first in")
            inside.set()
            done.wait(5)
            order.append("first out")

    def second() -> None:
        with cni_runtime.alone(bench.request):
            order.append("second in")

    threads = [threading.Thread(target=work) for work in (first, second)]
    threads[0].start()
    assert inside.wait(5)
    threads[1].start()
    with cni_runtime.alone({**bench.request, "container": "other"}):
        order.append("other in")
    done.set()
    for thread in threads:
        thread.join(5)
    assert order == ["first in", "other in", "first out", "second in"]
    assert bench.left == []


@pytest.mark.parametrize("hangs", ["first_ADD", "second_ADD", "second_DEL", "first_DEL"])
def test_what_was_killed_between_two_plugins_is_known_and_ended_whole(bench: Bench, hangs: str) -> None:
    mode = "add"
    if hangs.endswith("DEL"):
        bench.ask("add")
        mode = "del"
    bench.order(**{hangs: "hang"})
    path = str(Path(cni_runtime.__file__))
    process = subprocess.Popen([sys.executable, "-I", path, mode, json.dumps(bench.request)], start_new_session=True)
    wanted = " ".join(reversed(hangs.split("_")))
    while wanted not in bench.verbs:
        assert process.poll() is None, "it waits for the plugin that hangs"
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    bench.order()
    told = bench.ask("look")
    assert (told["noted"] is not None, told["cached"] is not None) == (mode == "add", mode == "del")
    bench.ask("del")
    assert bench.left == []
    bench.ask("add")
    assert bench.left == ["net-a-ctr-1-eth0"]
