"""The command line of the lab."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Optional

from . import addresses, faults, guest_image, identity, inventory, namespace, network, node, operations
from .fault import node_argument
from .locks import locked
from .settings import Lab, LabError, saved, wanted
from .shell import stage


def _environment(name: str) -> Optional[int]:
    value = os.environ.get(name)
    if value is None or value == "":
        return None
    if not value.isdigit():
        raise LabError(f"{name}={value!r}: a number is expected")
    return int(value)


def _own(name: str, other: str) -> Optional[bool]:
    """Whose something is, as the environment says: the node's own, or another one's."""
    value = os.environ.get(name) or None
    if value not in (None, other, "own"):
        raise LabError(f"{name}={value!r}: {other} or own")
    return None if value is None else value == "own"


def _lab() -> Lab:
    """The lab LAB_NAME names; it must exist."""
    name = _lab_name()
    lab = saved(name)
    if lab is None:
        raise LabError(f"there is no lab {name!r}: `lab up` makes it")
    return lab


def _lab_name() -> str:
    return os.environ.get("LAB_NAME") or "lab"


def _become(argv: list[str]) -> None:
    """Replace this process, so that signals, terminal and exit code are the command's own."""
    sys.stdout.flush()
    os.execvp(argv[0], argv)


def _words(options: argparse.Namespace) -> list[str]:
    """The command given after the optional `--`."""
    words: list[str] = options.command
    return words[1:] if words[:1] == ["--"] else words


def up(options: argparse.Namespace) -> None:
    operations.up(
        wanted(
            _lab_name(),
            options.nodes if options.nodes is not None else _environment("LAB_NODES"),
            options.release if options.release is not None else _environment("LAB_RELEASE"),
            options.disks if options.disks is not None else _environment("LAB_DISKS"),
            _own("LAB_KERNEL", "host"),
            _own("LAB_NETWORK", "lab"),
        )
    )


def reset(_: argparse.Namespace) -> None:
    operations.reset(_lab())


def keep(options: argparse.Namespace) -> None:
    operations.keep(_lab(), options.state)


def back(options: argparse.Namespace) -> None:
    operations.back(_lab(), options.state)


def down(options: argparse.Namespace) -> None:
    operations.down(saved(_lab_name()) or Lab(_lab_name()))
    if options.cache:
        operations.drop_cache()


def status(_: argparse.Namespace) -> None:
    print(json.dumps(operations.status(_lab()), indent=2))


def publish(_: argparse.Namespace) -> None:
    operations.publish(_lab())


def show_guest_image(_: argparse.Namespace) -> None:
    print(json.dumps(guest_image.ensure(_lab())))


def show_inventory(options: argparse.Namespace) -> None:
    path = operations.inventory_path(_lab())
    if options.list:
        print(inventory.text(inventory.dynamic(json.loads(path.read_text()))), end="")
    else:
        print(path)


def ssh(options: argparse.Namespace) -> None:
    lab, number = _lab(), options.node
    target = f"root@{addresses.management_address(number)}"
    key = str(identity.login_key(lab))
    _become(["ssh", "-i", key, *identity.ssh_options(lab), target, *_words(options)])


def execute(options: argparse.Namespace) -> None:
    _become(node.inside(_lab(), options.node, _words(options) or ["/bin/bash"]))


def run(options: argparse.Namespace) -> None:
    _become(namespace.within(_lab().namespace, *(_words(options) or ["/bin/bash"])))


def proxy(options: argparse.Namespace) -> None:
    _become(namespace.within(_lab().namespace, "nc", options.host, options.port))


def power_off(options: argparse.Namespace) -> None:
    with stage(f"power of {addresses.node_name(options.node)} cut"):
        node.power_off(_lab(), options.node)


def power_on(options: argparse.Namespace) -> None:
    with stage(f"{addresses.node_name(options.node)} booted"):
        operations.power_on(_lab(), options.node)


def shutdown(options: argparse.Namespace) -> None:
    with stage(f"{addresses.node_name(options.node)} shut down"):
        node.shut_down(_lab(), options.node)


def swap_disks(options: argparse.Namespace) -> None:
    with stage(f"{addresses.node_name(options.node)} booted with its disks in another order"):
        operations.swap_disks(_lab(), options.node)


def reinstall(options: argparse.Namespace) -> None:
    with stage(f"{addresses.node_name(options.node)} is another machine"):
        operations.reinstall(_lab(), options.node)


def partition(options: argparse.Namespace) -> None:
    network.set_cable(_lab(), options.node, addresses.LINKS[options.link], connected=False)


def plug(options: argparse.Namespace) -> None:
    lab = _lab()
    links = {link.number: link for link in lab.links}
    ends = {link.bridge for link in lab.links} | {addresses.node_name(number) for number in lab.numbers}
    if options.link not in links or options.to not in ends - {addresses.node_name(options.node)}:
        raise LabError(f"this lab has the cables {', '.join(map(str, links))}, which go to {', '.join(sorted(ends))}")
    network.plug(lab, options.node, links[options.link], options.to)


def fault(options: argparse.Namespace) -> None:
    names = [argument.name.lstrip("-") for argument in faults.FAULTS[options.fault].arguments]
    faults.begin(_lab(), options.fault, {name: getattr(options, name) for name in names})


def heal(_: argparse.Namespace) -> None:
    faults.heal(_lab())


ALONE = (up, reset, keep, back, down, publish, power_off, power_on, shutdown, swap_disks, reinstall, plug, fault, heal)
"""Commands that change a lab: one at a time for each lab."""


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments and the function that does it."""
    top = argparse.ArgumentParser(prog="lab", description="Nodes, networks, disks, repositories for end-to-end tests.")
    commands = top.add_subparsers(dest="verb", required=True, metavar="COMMAND")

    def command(name: str, does: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(does=does)
        return sub

    def on_node(name: str, does: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        sub = command(name, does, text)
        sub.add_argument("node", type=node_argument, metavar="NODE")
        return sub

    bring_up = command("up", up, "make the lab, or what is missing of it")
    bring_up.add_argument("--nodes", type=int, help=f"1 to {addresses.MAX_NODES} (LAB_NODES, default 3)")
    bring_up.add_argument("--release", type=int, help="Proxmox VE release (LAB_RELEASE, default 9)")
    bring_up.add_argument("--disks", type=int, help="disks per node (LAB_DISKS, default 2)")
    command("reset", reset, "every node as freshly installed, disks empty")
    for sub in (
        command("keep", keep, "put the state of all nodes and disks aside under a name"),
        command("back", back, "every node and disk as when that state was put aside"),
    ):
        sub.add_argument("state", metavar="STATE")
    command("down", down, "remove every trace of the lab").add_argument(
        "--cache", action="store_true", help="the shared cache too (base images, packages, mirror)"
    )
    command("status", status, "what is there and whether it runs, as JSON")
    command("publish", publish, "rebuild the stand-ins' packages and serve them")
    command("guest-image", show_guest_image, "make the image for guests that really run; its URL for nodes, as JSON")
    command("inventory", show_inventory, "print the path of the generated Ansible inventory").add_argument(
        "--list", action="store_true", help="its content instead, as an inventory script answers"
    )
    for sub in (
        on_node("ssh", ssh, "log in to a node, or run a command there"),
        on_node("exec", execute, "run a command inside a node without sshd"),
        command("run", run, "run a host command inside the lab's network"),
    ):
        sub.add_argument("command", nargs=argparse.REMAINDER, metavar="-- CMD", help="default: a shell")
    through = command("proxy", proxy, "connect standard input and output to a port inside the lab")
    through.add_argument("host")
    through.add_argument("port")
    on_node("power-off", power_off, "cut a node's power")
    on_node("power-on", power_on, "boot a node")
    on_node("shutdown", shutdown, "shut a node down cleanly")
    on_node("swap-disks", swap_disks, "boot a node with its disks in another order: the kernel's names for them move")
    on_node("reinstall", reinstall, "put another machine in a node's place: same name, empty disks, other host keys")
    on_node("partition", partition, "pull one of a node's cables").add_argument(
        "link", type=int, choices=[link.number for link in addresses.LINKS], help="0 management, 1 cluster link"
    )
    move = on_node("plug", plug, "put one of a node's cables into another network, or straight into another node")
    move.add_argument("link", type=int, help="0 to 3: eno1 to eno4")
    move.add_argument("to", metavar="NETWORK|NODE", help="management, cluster, guests, or a node: its same interface")
    _add_faults(command("fault", fault, "make something go wrong"))
    command("heal", heal, "undo every fault, plug all cables in again")
    return top


def _add_faults(top: argparse.ArgumentParser) -> None:
    """One sub-command for each fault, with its own arguments."""
    names = top.add_subparsers(dest="fault", required=True, metavar="FAULT")
    for kind in faults.FAULTS.values():
        sub = names.add_parser(kind.name, help=kind.text, description=kind.text)
        for argument in kind.arguments:
            sub.add_argument(argument.name, **argument.options)


def main(argv: Sequence[str]) -> int:
    """Run one command; a LabError is one message, not a traceback."""
    options = parser().parse_args(argv)
    try:
        if options.does in ALONE:
            with locked(Path(f"/run/lock/baremetal-virt-lab-{_lab_name()}.lock")):
                options.does(options)
        else:
            options.does(options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
