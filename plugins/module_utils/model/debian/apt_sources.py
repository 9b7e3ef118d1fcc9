# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""APT's sources files in both formats, edited entry by entry: what is not an entry survives byte for byte.

Upstream: sources.list(5) of apt. A file is a sequence of parts; a part is an entry (``Source``) or any other text.
The parts of a parsed file, joined, are the file. How apt reads a line or a stanza: ``apt_line``, ``deb822``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Callable, Optional, Union

from ...engine import c_text
from . import apt_words
from .apt_line import TYPES, Line, Malformed, parse_line
from .deb822 import Stanza, stanzas

_OFF = re.compile(r"[ \t]*#[ \t]*")


@dataclass(frozen=True)
class Fetched:
    """What the Release file of a suite says of itself, where apt has fetched it."""

    origin: str
    codename: str


@dataclass(frozen=True)
class Source:
    """One entry: a line of the one-line format or a stanza of the deb822 format.

    ``text`` is the entry as it stands in the file, with its line ends; ``line`` the number of its first line.
    ``signed_by`` is empty when the entry names no key. ``fetched``: (URI, suite) → what apt has fetched.
    """

    text: str
    line: int
    types: tuple[str, ...]
    uris: tuple[str, ...]
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: str = ""
    enabled: bool = True
    fetched: Mapping[tuple[str, str], Fetched] = field(default_factory=dict, compare=False)

    @property
    def quote(self) -> str:
        """The entry in the one-line format, for messages about either format."""
        return " ".join(("/".join(self.types), *self.uris, *self.suites, *self.components))

    @property
    def paths(self) -> tuple[str, ...]:
        """The path part of each URI, without a slash at its end."""
        return tuple(apt_words.path(uri).rstrip("/") for uri in self.uris)


Part = Union[str, Source]


@dataclass(frozen=True)
class SourcesFile:
    """``malformed``: why apt does not read this file (and then none at all), with the line; None when it does."""

    path: str
    parts: tuple[Part, ...] = ()
    malformed: Optional[str] = None

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
    wrong: list[str] = []
    parts = _stanzas(text, wrong) if path.endswith(".sources") else _lines(text, wrong)
    return SourcesFile(path, tuple(parts), wrong[0] if wrong else None)


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
        text = _OFF.sub("", source.text, count=1) if enabled else f"# {source.text}"
    return replace(source, text=text, enabled=enabled)


def with_uris(source: Source, deb822: bool, uris: tuple[str, ...]) -> Source:
    """The entry with other URIs."""
    if source.uris == uris:
        return source
    text = _with_field(source.text, "URIs", " ".join(uris)) if deb822 else _with_uri(source.text, uris[0])
    return replace(source, text=text, uris=uris)


def with_suites(source: Source, deb822: bool, suites: tuple[str, ...]) -> Source:
    """The entry with other suites."""
    if source.suites == suites:
        return source
    text = _with_field(source.text, "Suites", " ".join(suites)) if deb822 else _with_suite(source.text, suites[0])
    return replace(source, text=text, suites=suites, fetched={})


def _lines(text: str, wrong: list[str]) -> Iterator[Part]:
    for number, line in enumerate(c_text.lines(text), 1):
        off = _OFF.match(line)
        try:
            found = parse_line(line[off.end() :] if off else line)
        except Malformed as error:
            if off is None:
                wrong.append(f"line {number}: {error}")
            found = None
        yield line if found is None else _source(found, line, number, off is None)


def _source(found: Line, line: str, number: int, enabled: bool) -> Source:
    return Source(
        text=line,
        line=number,
        types=(found.type,),
        uris=(found.uri,),
        suites=(found.suite,),
        components=found.components,
        signed_by=found.options.get("signed-by", ""),
        enabled=enabled,
    )


def _with_uri(line: str, uri: str) -> str:
    off = _OFF.match(line)
    start = off.end() if off else 0
    found = parse_line(line[start:])
    return line if found is None else line[: start + found.start] + uri + line[start + found.end :]


def _with_suite(line: str, suite: str) -> str:
    """The suite is the word behind the URI."""
    off = _OFF.match(line)
    start = off.end() if off else 0
    found = parse_line(line[start:])
    if found is None:
        return line
    behind = start + found.end
    return line[:behind] + re.sub(r"\S+", lambda dummy: suite, line[behind:], count=1)


def _stanzas(text: str, wrong: list[str]) -> Iterator[Part]:
    """Every stanza with the remarks that stand directly above and below it, and what is between them."""
    lines = c_text.lines(text)
    done = 0
    for stanza in stanzas(lines):
        first, last = stanza.first, stanza.last
        while first > done and lines[first - 1].startswith("#"):
            first -= 1
        while last < len(lines) and lines[last].startswith("#"):
            last += 1
        yield from lines[done:first]
        yield from _stanza(stanza, "".join(lines[first:last]), first + 1, wrong)
        done = last
    yield from lines[done:]


def _stanza(stanza: Stanza, text: str, line: int, wrong: list[str]) -> Iterator[Part]:
    complaint, off = _complaint(stanza), apt_words.is_false(stanza.value("enabled"))
    if complaint and not (off and _typed(stanza)):
        wrong.append(f"line {line}: {complaint}")
    types, uris, suites, components = (
        c_text.words(stanza.value(name)) for name in ("types", "uris", "suites", "components")
    )
    if complaint or not (types and uris and suites):
        yield text  # for apt to judge, or switched off and nothing that could be switched on
        return
    yield Source(
        text=text,
        line=line,
        types=types,
        uris=uris,
        suites=suites,
        components=components,
        signed_by=stanza.value("signed-by"),
        enabled=not off,
    )


def _complaint(stanza: Stanza) -> Optional[str]:
    """What apt has against a stanza, if it is switched on: of one that is off it only looks at the types."""
    if stanza.broken:
        return "there is no field, and no colon behind it"
    if stanza.last_of("types") is None:
        return "the field Types is missing"
    types = c_text.words(stanza.value("types"))
    unknown = [kind for kind in types if kind not in TYPES]
    if unknown:
        return f"the type {unknown[0]} is not known"
    if not types:
        return None
    uris, suites = c_text.words(stanza.value("uris")), c_text.words(stanza.value("suites"))
    if not (uris and suites):
        return f"the field {'Suites' if uris else 'URIs'} is missing or empty"
    bad = [uri for uri in uris if ":" not in uri]
    if bad:
        return f"{bad[0]} is not a URI"
    with_components = bool(c_text.words(stanza.value("components")))
    if any(suite.endswith("/") == with_components for suite in suites):
        return "a suite that ends with a slash has no components, and every other one has"
    if not apt_words.names_keys(stanza.value("signed-by")):
        return "Signed-By names neither a file nor a fingerprint, and is no key"
    return None


def _typed(stanza: Stanza) -> bool:
    types = c_text.words(stanza.value("types"))
    return stanza.last_of("types") is not None and all(kind in TYPES for kind in types)


def _with_field(text: str, name: str, value: Optional[str]) -> str:
    """The stanza with one field replaced, removed (None), or added at its end."""
    lines = c_text.lines(text)
    found = [field for stanza in stanzas(lines) for field in stanza.fields if field.name == name.lower()]
    inside = {number for field in found for number in range(field.first, field.last)}
    kept = [line for number, line in enumerate(lines) if number not in inside or line.startswith("#")]
    if value is None:
        return "".join(kept)
    if kept and not kept[-1].endswith("\n"):
        kept[-1] += "\n"
    place = found[0].first if found else len(kept)
    kept.insert(place, f"{name}: {value}\n")
    return "".join(kept)
