# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network of a running node in the words of its role's variables: what is declared so is changed nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...decide.network.desired import desired_from
from ...decide.network.info import describe
from ...decide.network.network import decide
from ...engine.errors import Invalid
from ...model.network.network import DesiredNetwork, ObservedNetwork
from .node import Variables, given

#: What is said of a port that has nothing of its own; nobody needs to declare that.
_SILENT = {"name", "type", "auto"}


def network_variables(observed: ObservedNetwork) -> Variables:
    """Empty where the role would change something, or refuse, if all that can be said were declared."""
    told = [one for one in _interfaces(observed) if not _against(observed, [one])]
    if not told or _against(observed, told):
        return {}
    leased = bool(_against(observed, told, allow_dhcp=False))
    return given({"network_interfaces": told, "network_allow_dhcp": leased or None})


def network_notes(observed: ObservedNetwork) -> Iterator[str]:
    interfaces = _interfaces(observed)
    against = {one["name"]: _against(observed, [one]) for one in interfaces}
    for name, reason in against.items():
        if reason:
            yield f"The interface {name} is left out, and so left alone: {reason}"
    whole = [one for one in interfaces if not against[one["name"]]]
    if reason := _against(observed, whole):
        yield f"The interfaces are left out, and so left alone: {reason}"


def _interfaces(observed: ObservedNetwork) -> list[dict[str, Any]]:
    return [one for one in describe(observed)["interfaces"] if set(one) - _SILENT or one["type"] != "physical"]


def _against(observed: ObservedNetwork, declared: Sequence[Mapping[str, Any]], allow_dhcp: bool = True) -> str:
    """Why these interfaces cannot be declared as they are; nothing if they can."""
    options = {"interfaces": declared, "allow_dhcp": allow_dhcp, "timeout": DesiredNetwork.timeout}
    try:
        plan = decide(desired_from(options), observed)
    except Invalid as error:
        return error.message
    if plan.refusals:
        return str(plan.refusals[0])
    return f"the role would change it ({plan.sentences[0]})." if plan.steps else ""
