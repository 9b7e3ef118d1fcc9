# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The software-defined networks of a running cluster in the words of their role's variables."""

from __future__ import annotations

from collections.abc import Iterator

from ...decide.sdn import frr
from ...decide.sdn.info import variables
from ...engine.errors import Invalid
from ...model.sdn.frr import LOCAL, ObservedFrr, shown
from ...model.sdn.sdn import ObservedSdn
from .node import Variables


def sdn_variables(observed: ObservedSdn) -> Variables:
    """What runs; what somebody has staged and not applied is not anybody's wish yet. Tokens are not in it."""
    return {f"sdn_{name}": rows for name, rows in variables(observed.running).items()}


def frr_variables(observed: ObservedFrr) -> Variables:
    """A node's own part of FRR's configuration, where declaring it changes nothing and tells no password."""
    return {"sdn_frr_local": observed.local} if observed.local and not list(frr_notes(observed)) else {}


def frr_notes(observed: ObservedFrr) -> Iterator[str]:
    """Why a file that is there is left out, and so left alone."""
    text = observed.local
    if not text:
        return
    if shown(text) != text:
        yield f"{LOCAL} is left out: there is a password in it."
        return
    try:
        plan = frr.decide(frr.desired_from({"config": text}), observed)
    except Invalid as error:
        yield f"{LOCAL} is left out: {error.message}"
        return
    if plan.steps:
        yield f"{LOCAL} is left out: not all of it is merged into FRR's configuration."
