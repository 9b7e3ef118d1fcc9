# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""APT's sources files in both formats, edited entry by entry: what is not an entry survives byte for byte.

Upstream: sources.list(5) of apt. A file is a sequence of parts; a part is an entry (``Source``) or any other text.
The parts of a parsed file, joined, are the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Callable, Optional, Union
from urllib.parse import urlsplit

_LINE = re.compile(
    r"(?P<off>#\s*)?(?P<type>deb|deb-src)\s+(?:\[(?P<options>[^\]#]*)\]\s*)?"
    r"(?P<uri>cdrom:\[[^\]]*\]\S*|[^\s#\[\]]+)\s+(?P<suite>[^\s#]+)(?P<components>(?:\s+[^\s#]+)*)\s*(?:#.*)?",
)
_FALSE = ("no", "false", "without", "off", "disable", "0")


@dataclass(frozen=True)
class Source:
    """One entry: a line of the one-line format or a stanza of the deb822 format.

    ``text`` is the entry as it stands in the file, with its line ends; ``line`` the number of its first line.
    ``signed_by`` is empty when the entry names no key.
    """

    text: str
    line: int
    types: tuple[str, ...]
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""
    enabled: bool = True

    @property
    def quote(self) -> str:
        """The entry in the one-line format, for messages about either format."""
        return " ".join(("/".join(self.types), *self.uris, *self.suites, *self.components))

    @property
    def paths(self) -> tuple[str, ...]:
        """The path part of each URI, without a slash at its end."""
        return tuple(urlsplit(uri).path.rstrip("/") for uri in self.uris)


Part = Union[str, Source]


@dataclass(frozen=True)
class SourcesFile:
    path: str
    parts: tuple[Part, ...] = ()

    @property
    def deb822(self) -> bool:
        return self.path.endswith(".sources")

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(part for part in self.parts if isinstance(part, Source))

    def map(self, change: Callable[[Source], Optional[Source]]) -> SourcesFile:
        """The file with every entry changed, or dropped where ``change`` returns None."""
        changed = (part if isinstance(part, str) else change(part) for part in self.parts)
        return replace(self, parts=tuple(part for part in changed if part is not None))

    def appended(self, source: Source) -> SourcesFile:
        """The file with an entry added at its end, apart from what is there."""
        text = self.text
        gap = "\n" if text and not text.endswith("\n") else ""
        if self.deb822 and text and not (text + gap).endswith("\n\n"):
            gap += "\n"
        return replace(self, parts=(*self.parts, *((gap,) if gap else ()), source))


def parse(path: str, text: str) -> SourcesFile:
    """Read a file in the format that its name stands for."""
    parts = _stanzas(text) if path.endswith(".sources") else _lines(text)
    return SourcesFile(path, tuple(parts))


def make_source(path: str, uri: str, suite: str, component: str, signed_by: str) -> Source:
    """A new entry for the file of this name; without ``signed_by`` every key that apt trusts will do."""
    if path.endswith(".sources"):
        fields = {"Types": "deb", "URIs": uri, "Suites": suite, "Components": component, "Signed-By": signed_by}
        text = "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
    else:
        options = f"[signed-by={signed_by}] " if signed_by else ""
        text = f"deb {options}{uri} {suite} {component}\n"
    return Source(text, 1, ("deb",), (uri,), (suite,), (component,), signed_by)


def switched(source: Source, deb822: bool, enabled: bool) -> Source:
    """The entry switched on or off in the way of its format: a comment sign, or the field Enabled."""
    if source.enabled == enabled:
        return source
    if deb822:
        text = _with_field(source.text, "Enabled", None if enabled else "no")
    else:
        text = re.sub(r"#\s*", "", source.text, count=1) if enabled else f"# {source.text}"
    return replace(source, text=text, enabled=enabled)


def with_uris(source: Source, deb822: bool, uris: tuple[str, ...]) -> Source:
    """The entry with other URIs."""
    if source.uris == uris:
        return source
    if deb822:
        text = _with_field(source.text, "URIs", " ".join(uris))
    else:
        text = source.text.replace(source.uris[0], uris[0], 1)
    return replace(source, text=text, uris=uris)


def _lines(text: str) -> Iterator[Part]:
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            yield line
            continue
        options = dict(option.partition("=")[::2] for option in (found["options"] or "").split())
        yield Source(
            text=line,
            line=number,
            types=(found["type"],),
            uris=(found["uri"],),
            suites=(found["suite"],),
            components=tuple(found["components"].split()),
            signed_by=options.get("signed-by", ""),
            enabled=found["off"] is None,
        )


def _stanzas(text: str) -> Iterator[Part]:
    """Lines that belong together are the ones between blank lines."""
    block: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        if line.strip():
            block.append(line)
            continue
        yield from _stanza(block, first)
        yield line
        block, first = [], number + 1
    yield from _stanza(block, first)


def _stanza(block: list[str], first: int) -> Iterator[Part]:
    text = "".join(block)
    fields = _fields(block)
    if not {"types", "uris", "suites"} <= fields.keys():
        if text:
            yield text  # comments, or something that only apt may judge
        return
    yield Source(
        text=text,
        line=first,
        types=tuple(fields["types"].split()),
        uris=tuple(fields["uris"].split()),
        suites=tuple(fields["suites"].split()),
        components=tuple(fields.get("components", "").split()),
        signed_by=fields.get("signed-by", "").strip(),
        enabled=fields.get("enabled", "yes").strip().lower() not in _FALSE,
    )


def _fields(block: list[str]) -> Mapping[str, str]:
    """Lower-case name → value of a stanza, continuation lines included."""
    fields: dict[str, str] = {}
    name = ""
    for line in block:
        if line.startswith("#"):
            continue
        if line[0] in " \t":
            fields[name] = fields.get(name, "") + line
        else:
            name, dummy, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value
    return fields


def _with_field(text: str, name: str, value: Optional[str]) -> str:
    """The stanza with one field replaced, removed (None), or added at its end."""
    kept: list[str] = []
    place: Optional[int] = None
    inside = False
    for line in text.splitlines(keepends=True):
        comment = line.startswith("#")
        if not comment and line[0] not in " \t":
            inside = line.partition(":")[0].strip().lower() == name.lower()
            if inside and place is None:
                place = len(kept)
        if comment or not inside:
            kept.append(line)
    if value is None:
        return "".join(kept)
    if kept and not kept[-1].endswith("\n"):
        kept[-1] += "\n"
    kept.insert(len(kept) if place is None else place, f"{name}: {value}\n")
    return "".join(kept)
