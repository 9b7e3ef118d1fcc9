# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the cluster-wide names of devices and directories."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.reader import CLUSTER, Reader
from ...model.cluster.section_config import NAME_ALONE, is_set, read_sections
from ...model.guest.mapping import FILES, MappingKind, ResourceMapping


def observe(reader: Reader) -> tuple[ResourceMapping, ...]:
    texts = {kind: reader.read(path, scope=CLUSTER) or "" for kind, path in FILES.items()}
    return tuple(mapping for kind, text in texts.items() for mapping in parse_mappings(kind, text))


def parse_mappings(kind: MappingKind, text: str) -> Iterator[ResourceMapping]:
    """A section each, with one ``map`` line for each device of each node; of two of one name the last counts."""
    sections = {section.name: section.properties for section in read_sections(text, NAME_ALONE)}
    for name, properties in sections.items():
        entries = tuple(value for key, value in properties if key == "map" and value is not None)
        first = {key: value or "" for key, value in reversed(properties)}
        yield ResourceMapping(kind, name, entries, is_set(first, "live-migration-capable"))
