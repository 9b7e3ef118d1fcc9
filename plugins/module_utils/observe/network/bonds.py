# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the kernel says of its bonds: whether the other side speaks LACP as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...engine.reader import Reader

FOLDER = "/proc/net/bonding"
#: Of the aggregator that is in use: the first such line of the file.
_PARTNER = re.compile(r"Partner Mac Address: (\S+)")


def without_partner(reader: Reader) -> Iterator[str]:
    """Bonds that speak LACP, and nobody answers: a partner that does has a hardware address."""
    for name in reader.names(FOLDER):
        text = reader.read(f"{FOLDER}/{name}") or ""
        partner = _PARTNER.search(text)
        if "802.3ad" in text and (partner is None or set(partner[1]) <= set("0:")):
            yield name
