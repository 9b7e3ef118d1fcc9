# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API for the firewalls of guests, as far as something is declared of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.guest.desired import DesiredGuests
from ...model.guest.firewall import ObservedFirewall, Sets, entries
from .tell import tell

_CLUSTER = "/cluster/firewall/options"


def why_off(reader: Reader, desired: DesiredGuests) -> str:
    """How a sentence begins on the cluster's firewall that does nothing, or may do nothing; empty where it is on."""
    if not any(one.firewall for one in desired.guests):
        return ""
    (options,) = tell(reader, [_CLUSTER])
    if isinstance(options, Unreadable):
        return "Whether the firewall of the cluster is on cannot be told; if it is off,"
    # a number above 1 is a moment, from which it is on for a minute and no longer
    return "" if str(options.get("enable", 0)) == "1" else "The firewall of the cluster is off, so"


def observe_firewalls(
    reader: Reader, wanted: Mapping[str, frozenset[str]]
) -> dict[str, Union[ObservedFirewall, Unreadable]]:
    """``wanted``: path of a guest → the sets that somebody speaks of. An empty set is one that is there."""
    paths = list(wanted)
    options = dict(zip(paths, tell(reader, [f"{path}/firewall/options" for path in paths])))
    lists = dict(zip(paths, tell(reader, [f"{path}/firewall/ipset" for path in paths])))
    found: dict[str, Union[ObservedFirewall, Unreadable]] = {}
    for path in paths:
        said, listed = options[path], lists[path]
        if isinstance(said, Unreadable):
            found[path] = said
        elif isinstance(listed, Unreadable):
            found[path] = listed
        else:
            sets = _sets(reader, path, sorted(wanted[path] & {row["name"] for row in listed}))
            texts = {name: str(value) for name, value in said.items()}
            found[path] = sets if isinstance(sets, Unreadable) else ObservedFirewall(texts, sets)
    return found


def _sets(reader: Reader, path: str, names: Sequence[str]) -> Union[Sets, Unreadable]:
    found = {}
    for name, rows in zip(names, tell(reader, [f"{path}/firewall/ipset/{name}" for name in names])):
        if isinstance(rows, Unreadable):
            return rows
        found[name] = entries(rows)
    return found
