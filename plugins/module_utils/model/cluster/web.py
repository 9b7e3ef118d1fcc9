# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A cluster as its web interfaces show it to whoever comes to them over the network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KnownNode:
    """A node as the cluster knows it; ``address`` is the one that its name stands for."""

    name: str
    address: str
    online: bool


@dataclass(frozen=True)
class Guests:
    """How many there are, without templates. Of those on a node that is off nobody knows whether they run."""

    total: int
    running: int
    unknown: int


@dataclass(frozen=True)
class Overview:
    nodes: tuple[KnownNode, ...]
    guests: Guests


@dataclass(frozen=True)
class WebInterface:
    """The web interface of a node: the version it tells, or why it tells none.

    ``reached``: whether there is a way to it at all; a controller may have none but ssh.
    """

    node: str
    url: str
    version: str = ""
    problem: str = ""
    reached: bool = True
