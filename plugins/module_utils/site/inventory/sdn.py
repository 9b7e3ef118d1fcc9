# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The software-defined networks of a running cluster in the words of their role's variables."""

from __future__ import annotations

from ...decide.sdn.info import variables
from ...model.sdn.sdn import ObservedSdn
from .node import Variables


def sdn_variables(observed: ObservedSdn) -> Variables:
    """What runs; what somebody has staged and not applied is not anybody's wish yet. Tokens are not in it."""
    return {f"sdn_{name}": rows for name, rows in variables(observed.running).items()}
