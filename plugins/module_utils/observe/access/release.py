# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask the API of which release it is."""

from __future__ import annotations

from typing import Optional

from ...engine.reader import NODE, Reader

VERSION = "/version"


def observe(reader: Reader) -> Optional[int]:
    """None where nobody serves it yet."""
    version = reader.get(VERSION, NODE)
    return None if version is None else int(str(version["version"]).partition(".")[0])
