#!/usr/bin/env python3
"""What guests cost: twenty clones made side by side and one by one, and a run over two hundred that changes nothing.

    guests.py                three pairs of each
    guests.py --pairs 5

The lab's stand-in serves the HTTPS API on this machine, in a process of its own; a clone takes a second there, besides
what it does. Compared is within pairs: all clones with the order of a run against the same one after the other, and a
plan for two hundred guests, nothing to do, against as many `GET /version` over the same connections. Exit code 1: the
first ratio is above 0.5 or the second above 3. No lab and no root is needed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import NODE
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import (
    Order,
    Subject,
    converge,
    make_plan,
    one_by_one,
)
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.api import Api
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.controller import Controller
from ansible_collections.baremetal.virt.plugins.module_utils.transport.api.side_by_side import SideBySide
from ansible_collections.baremetal.virt.plugins.modules import guest_container, guest_vm
from ansible_collections.baremetal.virt.tests.doubles.api_server import ApiServer

CLASS, MANY = 20, 200
MOST_OF_SERIAL, MOST_OF_VERSIONS = 0.5, 3.0
Guest = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = ApiServer(Path(folder))
        try:
            furnish(server)
            clones = [pair_of_clones(server, number) for number in range(options.pairs)]
            containers(server)
            looks = pairs_of_looks(server, options.pairs)
        finally:
            server.stop()
    wrong = told(f"{CLASS} linked clones side by side / one by one", clones, MOST_OF_SERIAL)
    return int(told(f"a run over {MANY} guests without work / {MANY} GET /version", looks, MOST_OF_VERSIONS) or wrong)


def told(what: str, ratios: list[float], most: float) -> bool:
    middle = statistics.median(ratios)
    print(f"{what}: {middle:.2f} (pairs: {', '.join(f'{one:.2f}' for one in ratios)}; at most {most:g})")
    return middle > most


def furnish(server: ApiServer) -> None:
    """Storages, a template, a container to copy; a clone takes a second."""
    stores = "".join(
        f"dir: {name}\n\tpath {server.folder / name}\n\tcontent {kinds}\n\tformat qcow2\n"
        for name, kinds in (("vms", "images,rootdir"), ("share", "import,vztmpl"))
    )
    (server.folder / "etc/pve/storage.cfg").write_text(stores, encoding="utf-8")
    for place in ("vms/images", "share/template/cache"):
        (server.folder / place).mkdir(parents=True, exist_ok=True)
    (server.folder / "share/template/cache/debian-13.tar.zst").write_bytes(bytes(1 << 20))
    disk = {"slot": "scsi0", "storage": "vms", "size": "1M"}
    nets = [{"slot": "net0", "bridge": "vmbr0"}]
    init = {"storage": "vms", "user": "student"}
    template = {"vmid": 900, "name": "os", "template": "1", "disks": [disk], "nets": nets, "cloud_init": init}
    carry_out(server, guest_vm.SUBJECT, [template], one_by_one)
    root = {"os_template": "share:vztmpl/debian-13.tar.zst", "rootfs": {"storage": "vms", "size": "1M"}}
    carry_out(server, guest_container.SUBJECT, [{"vmid": 901, "name": "dns", **root}], one_by_one)
    seconds = {"qemuclone": 1.0, "lxcclone": 0.3}
    (server.folder / "task-seconds.json").write_text(json.dumps(seconds), encoding="utf-8")


def params(subject: Subject[Any, Any], guests: list[Guest]) -> dict[str, Any]:
    key = "vms" if subject is guest_vm.SUBJECT else "containers"
    checked = ArgumentSpecValidator(dict(subject.argument_spec)).validate({key: guests})
    if checked.error_messages:
        raise SystemExit("; ".join(checked.error_messages))
    found: dict[str, Any] = checked.validated_parameters
    return found


def carry_out(server: ApiServer, subject: Subject[Any, Any], guests: list[Guest], order: Order) -> None:
    """Made and proved; the same again is nothing to do."""
    controller = Controller(server.api())
    converge(subject, params(subject, guests), controller, False, lambda step, where: where.act(step), order)
    if make_plan(subject, params(subject, guests), controller).steps:
        raise SystemExit("a run again would change something")


def clone(vmid: int) -> Guest:
    address = {"ip": f"10.20.{vmid >> 8}.{vmid & 255}/16", "gw": "10.20.0.1"}
    return {
        "vmid": vmid,
        "name": f"stu{vmid}-vm",
        "running": True,
        "memory": 1024,
        "clone": {"template": "os", "version": "1"},
        "mark": {"owner": f"stu{vmid}"},
        "cloud_init": {"addresses": [address], "nameservers": ["10.20.0.1"]},
    }


def pair_of_clones(server: ApiServer, number: int) -> float:
    """Whoever is first in one pair is second in the next."""
    first = 1000 + 2 * CLASS * number
    ways: list[tuple[str, Order]] = [("together", side_by_side()), ("one by one", one_by_one)]
    took = {}
    for place, (name, order) in enumerate(ways if number % 2 else ways[::-1]):
        guests = [clone(first + place * CLASS + one) for one in range(CLASS)]
        took[name] = seconds(partial(carry_out, server, guest_vm.SUBJECT, guests, order))
        print(f"{CLASS} linked clones {name}: {took[name]:.1f} s")
    return took["together"] / took["one by one"]


def side_by_side() -> SideBySide:
    return SideBySide(lambda done, step: None)


def containers(server: ApiServer) -> None:
    """Copies of one container, which is locked while it is copied: one after the other, whatever else goes on."""
    copies = [
        {"vmid": 950 + number, "name": f"dns{number}", "clone": {"vmid": 901, "full": True}} for number in range(4)
    ]
    took = seconds(lambda: carry_out(server, guest_container.SUBJECT, copies, side_by_side()))
    print(f"{len(copies)} copies of one container, one at a time: {took:.1f} s")


def pairs_of_looks(server: ApiServer, pairs: int) -> list[float]:
    """One is made; the files of the others are copies of its own."""
    (server.folder / "task-seconds.json").unlink()
    guests = [clone(5000 + one) for one in range(MANY)]
    carry_out(server, guest_vm.SUBJECT, guests[:1], one_by_one)
    place = server.folder / "etc/pve/nodes" / server.node / "qemu-server"
    text = (place / "5000.conf").read_text(encoding="utf-8")
    for guest in guests[1:]:
        own = text.replace("5000", str(guest["vmid"])).replace(_address(guests[0]), _address(guest))
        (place / f"{guest['vmid']}.conf").write_text(own, encoding="utf-8")
        (server.folder / "run" / f"{guest['vmid']}.running").touch()
    api, given = server.api(), params(guest_vm.SUBJECT, guests)
    ratios = []
    for number in range(pairs):
        look = seconds(partial(_nothing_to_do, api, given))
        versions = seconds(partial(api.get_many, ["/version"] * MANY, NODE))
        print(f"{MANY} guests, {number + 1}: a run without work {look:.1f} s, as many GET /version {versions:.1f} s")
        ratios.append(look / versions)
    return ratios


def _address(guest: Guest) -> str:
    return str(guest["cloud_init"]["addresses"][0]["ip"])


def _nothing_to_do(api: Api, given: dict[str, Any]) -> None:
    if make_plan(guest_vm.SUBJECT, given, Controller(api)).steps:
        raise SystemExit("there is something to do")


def seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    raise SystemExit(main())
