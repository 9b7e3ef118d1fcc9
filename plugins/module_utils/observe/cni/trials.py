# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Have the plugins of a list tried in namespaces of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...engine.reader import Reader
from ...model.cni.conflist import Conflist
from .node import answered


def observe(reader: Reader, conflist: Conflist, bin_dirs: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Trial → what was seen."""
    done = reader.program("cni_trials", ":".join(bin_dirs), json.dumps(conflist.document))
    found: Mapping[str, Mapping[str, Any]] = answered(done, f"{conflist.name} cannot be tried")
    return found
