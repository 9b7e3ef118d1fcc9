"""What the commands do: bring a lab up, set it back, take it down."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import (
    addresses,
    cgroup,
    daemon,
    disks,
    faults,
    hosttools,
    identity,
    image,
    inventory,
    kept,
    network,
    node,
    repositories,
)
from .settings import CACHE, PROXMOX_MIRROR, STATE_ROOT, Lab, LabError
from .shell import in_parallel, stage, wait_until
from .signing import Signer


def inventory_path(lab: Lab) -> Path:
    return lab.state / "inventory" / "hosts.yml"


def up(lab: Lab) -> None:
    """Bring the lab to its full size; what is there already stays as it is."""
    hosttools.ensure()
    lab.save()
    with stage("keys"):
        identity.ensure(lab)
        signer = Signer()
    with stage("networks"):
        network.up(lab)
    with stage("packages and repositories"):
        repositories.publish(lab, signer)
    with stage("package server"):
        daemon.start(lab)
    with stage(f"base image Debian {lab.release.codename}"):
        base = image.ensure(lab)
    with stage("disks"):
        disks.up(lab)
        _write_inventory(lab, signer)
    _power_on_all(lab, base)


def reset(lab: Lab) -> None:
    """Every node as freshly installed, disks empty, cables plugged, packages rebuilt."""
    with stage("power off, empty disks"):
        in_parallel(lambda number: _empty(lab, number), lab.numbers)
        network.up(lab)
        faults.forget(lab)
        kept.forget(lab)
    up(lab)


def keep(lab: Lab, name: str) -> None:
    """Put the state of all nodes aside, to come back to it with `back`."""
    if lab.own_kernel:
        raise LabError("nodes with a kernel of their own write into one image, and no state of them is kept")
    with stage("shut down, put aside"):
        in_parallel(lambda number: node.shut_down(lab, number), lab.numbers)
        kept.keep(lab, name)
    _power_on_all(lab, image.ensure(lab))


def back(lab: Lab, name: str) -> None:
    """Every node and disk as when it was put aside, with power, all cables plugged, no fault."""
    with stage("power off, go back"):
        in_parallel(lambda number: node.power_off(lab, number), lab.numbers)
        network.up(lab)
        faults.forget(lab)
        kept.back(lab, name)
    _power_on_all(lab, image.ensure(lab))


def _empty(lab: Lab, number: int) -> None:
    node.power_off(lab, number)
    node.erase(lab, number)
    disks.wipe(lab, number)


def _power_on_all(lab: Lab, base: Path) -> None:
    off = [addresses.node_name(number) for number in lab.numbers if not node.is_on(lab, number)]
    with stage(f"started {' '.join(off)}" if off else "nodes answer"):
        in_parallel(lambda number: node.power_on(lab, number, base), lab.numbers)


def power_on(lab: Lab, number: int) -> None:
    node.power_on(lab, number, image.ensure(lab))


def swap_disks(lab: Lab, number: int) -> None:
    """As after a new controller or a moved cable: the same disks under other names."""
    node.shut_down(lab, number)
    disks.swap(lab, number)
    _write_inventory(lab, Signer())
    power_on(lab, number)


def reinstall(lab: Lab, number: int) -> None:
    """Another machine takes the node's place: its name and addresses, empty disks, host keys of its own."""
    if kept.known(lab):
        raise LabError("states of this lab are kept, on which its nodes lie: `lab reset` forgets them")
    _empty(lab, number)
    identity.renew(lab, number)
    power_on(lab, number)


def _write_inventory(lab: Lab, signer: Signer) -> None:
    document = inventory.inventory(
        {number: disks.of_node(lab, number) for number in lab.numbers},
        str(identity.login_key(lab)),
        identity.ssh_options(lab),
        None if os.environ.get(PROXMOX_MIRROR) else signer.keyring_sha256,
        lab.own_kernel,
    )
    target = inventory_path(lab)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(inventory.text(document))


def down(lab: Lab) -> None:
    """Remove every trace of the lab, found on the system itself, so that a crash half-way is cleaned up as well."""
    with stage("processes"):
        everything = cgroup.group(lab.namespace)
        cgroup.kill(everything)
        _until_empty(everything)
    with stage("disks, networks, files"):
        disks.down(lab)
        network.down(lab)
        if lab.state.exists():
            shutil.rmtree(lab.state)


def _until_empty(folder: Path) -> None:
    wait_until(lambda: not cgroup.processes(folder), 30, "the lab's processes to end")
    cgroup.remove(folder)


def drop_cache() -> None:
    """Remove base images, packages and the mirror's copies; refused while any lab uses them."""
    running = sorted(spec.parent.name for spec in STATE_ROOT.glob("*/lab.json"))
    if running:
        raise LabError(f"labs still use the cache: {', '.join(running)}")
    with stage("cache"):
        shutil.rmtree(CACHE, ignore_errors=True)


def status(lab: Lab) -> dict[str, object]:
    """What is there and whether it runs."""
    return {
        "name": lab.name,
        "release": lab.pve,
        "server": daemon.answers(lab),
        "inventory": str(inventory_path(lab)),
        "kept": kept.known(lab),
        "faults": [faults.describe(spec) for spec in faults.noted(lab)],
        "nodes": {addresses.node_name(number): _node_status(lab, number) for number in lab.numbers},
    }


def _node_status(lab: Lab, number: int) -> dict[str, object]:
    state = "off"
    if node.is_on(lab, number):
        state = "on" if node.answers(lab, number) else "on, no answer on the management network"
    cut = [link.number for link in lab.links if not network.is_connected(lab, number, link)]
    return {"address": addresses.management_address(number), "state": state, "links cut": cut}


def publish(lab: Lab) -> None:
    """Rebuild what has changed; the running package server serves it at once."""
    with stage("packages and repositories"):
        repositories.publish(lab, Signer())
