# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The access of a running cluster in the words of its role's variables."""

from __future__ import annotations

from ...decide.access.info import variables
from ...model.access.access import Access
from .node import Variables


def access_variables(now: Access) -> Variables:
    """Secrets are not in it: who logs in with a password, and the values of tokens, stay as they are."""
    return {f"access_{name}": rows for name, rows in variables(now).items()}
