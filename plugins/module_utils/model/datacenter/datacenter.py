# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wanted of the datacenter, and what its API tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Optional, Union

from .options import Meaning, Release

Kind = Literal["metric server", "endpoint", "matcher"]
Key = tuple[Kind, str]
#: Texts, or lists of them, of which the order does not matter.
Value = Union[str, frozenset[str]]
#: Kind → the parameter that lists such things; in the order in which they can be made, as a matcher names endpoints.
LISTED: Mapping[Kind, str] = {
    "metric server": "metric_servers",
    "endpoint": "notification_endpoints",
    "matcher": "notification_matchers",
}
ENDPOINTS = ("sendmail", "smtp", "gotify")
#: They are there from the beginning, and come back when they are deleted.
BUILT_IN: frozenset[Key] = frozenset((("endpoint", "mail-to-root"), ("matcher", "default-matcher")))
#: Options whose value the API never tells again.
SECRETS = ("password", "token")
#: Options → what they mean where they are not there.
ABSENT: Mapping[str, str] = {
    "disable": "0",
    "invert-match": "0",
    "mtu": "1500",
    "timeout": "1",
    "influxdbproto": "udp",
    "verify-certificate": "1",
    "max-body-size": "25000000",
    "proto": "udp",
}


@dataclass(frozen=True)
class Thing:
    type: str
    options: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Wish:
    """``secrets``: sent when the thing is made, and with ``update_secret`` in every run."""

    type: str = ""
    absent: bool = False
    options: Mapping[str, Value] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    update_secret: bool = False


@dataclass(frozen=True)
class DesiredDatacenter:
    """``unset``: options, or single parts as ``crs.ha``, that are not to be said any more."""

    options: Mapping[str, Meaning] = field(default_factory=dict)
    unset: frozenset[str] = frozenset()
    wishes: Mapping[Key, Wish] = field(default_factory=dict)
    exclusive: frozenset[Kind] = frozenset()

    @property
    def idle(self) -> bool:
        return not (self.options or self.unset or self.wishes or self.exclusive)


@dataclass(frozen=True)
class ObservedNode:
    """``networks``: addresses with the length of their networks; None where the node does not tell them."""

    release: Optional[Release] = None
    networks: Optional[frozenset[str]] = None


@dataclass(frozen=True)
class ObservedDatacenter:
    """``release``: None where nobody serves the API yet. ``mail``: user → his address, of those who have one.

    ``foreign``: endpoint of a type that cannot be declared here, such as a webhook → whether it is on.
    """

    release: Optional[Release]
    options: Mapping[str, Meaning] = field(default_factory=dict)
    things: Mapping[Key, Thing] = field(default_factory=dict)
    nodes: Mapping[str, ObservedNode] = field(default_factory=dict)
    mail: Mapping[str, str] = field(default_factory=dict)
    foreign: Mapping[str, bool] = field(default_factory=dict)
