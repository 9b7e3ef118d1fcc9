# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take the context that a node is given, or say what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.cluster.context import ClusterContext


def context_from(document: Mapping[str, Any]) -> ClusterContext:
    """Raises Invalid."""
    try:
        return ClusterContext.parse(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        hint = "It is what the filter cluster_view gives for this host; see its documentation."
        raise Invalid(f"The context cannot be understood: {type(error).__name__} {error}.", hint) from error
