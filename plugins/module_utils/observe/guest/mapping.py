# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the cluster-wide names of devices and directories."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.reader import CLUSTER, Reader
from ...model.guest.mapping import FILES, MappingKind, ResourceMapping

_TRUE = ("1", "yes", "on", "true")


def observe(reader: Reader) -> tuple[ResourceMapping, ...]:
    texts = {kind: reader.read(path, scope=CLUSTER) or "" for kind, path in FILES.items()}
    return tuple(mapping for kind, text in texts.items() for mapping in parse_mappings(kind, text))


def parse_mappings(kind: MappingKind, text: str) -> Iterator[ResourceMapping]:
    """A name on a line of its own, then one ``map`` line for each device of each node."""
    name, live = "", False
    entries: list[str] = []
    for line in [*text.splitlines(), "end"]:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] not in " \t":
            if name:
                yield ResourceMapping(kind, name, tuple(entries), live)
            name, entries, live = line.strip(), [], False
        elif line.split()[0] == "map":
            entries.append(line.strip()[len("map") :].strip())
        elif line.split()[0] == "live-migration-capable":
            live = line.split()[-1] in _TRUE
