"""What a fault is: a name, its arguments, how to begin it and how to undo it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import node
from .addresses import node_number
from .settings import Lab
from .shell import run

Spec = dict[str, Any]
"""A fault as it was asked for, with its arguments; kept as JSON until it is undone."""


@dataclass(frozen=True)
class Argument:
    """One argument of `lab fault NAME`, as argparse takes it."""

    name: str
    options: dict[str, Any]


def node_argument(text: str) -> int:
    """`pve1` -> 1, as an argparse type."""
    try:
        return node_number(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


NODE = Argument("node", {"type": node_argument, "metavar": "NODE"})


def as_given(_: Lab, spec: Spec) -> Spec:
    return spec


@dataclass(frozen=True)
class Fault:
    """One kind of fault. `end` may be called for a fault that is gone, half made, or was never there."""

    name: str
    text: str
    arguments: tuple[Argument, ...]
    begin: Callable[[Lab, Spec], None]
    end: Callable[[Lab, Spec], None]
    inside: bool = False
    """It is undone inside its node, which must run for that."""
    once: bool = False
    """It happens to one action and is over then."""
    complete: Callable[[Lab, Spec], Spec] = as_given
    """Fill in what the command line does not say."""


def in_node(lab: Lab, spec: Spec, argv: Sequence[str], stdin: str = "") -> str:
    """Run a command in the fault's node; a LabError carries its words when it fails."""
    return run(node.inside(lab, spec["node"], list(argv)), stdin=stdin)


def script_in_node(lab: Lab, spec: Spec, script: str, *arguments: str) -> str:
    """The same for a shell script; its arguments are $1, $2, ..."""
    return in_node(lab, spec, ["sh", "-eus", "--", *arguments], stdin=script)
