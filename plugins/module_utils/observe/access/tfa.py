# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API which second factors users have. They are read, and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...engine.reader import NODE, Reader

TFA = "/access/tfa"


def observe(reader: Reader) -> Sequence[Mapping[str, Any]]:
    return reader.get(TFA, NODE) or ()
