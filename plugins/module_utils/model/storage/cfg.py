# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""/etc/pve/storage.cfg: sections of options, read into values that can be compared.

Lists come in random order (they are hashes in Perl), booleans in five spellings, defaults may or may not be written
out. ``canonical`` takes all that away, for what is read and for what is wanted alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional, Union

from ..node.paths import canonical_path
from .options import OPTIONS

PATH = "/etc/pve/storage.cfg"
Value = Union[str, frozenset[str]]
Options = dict[str, Value]

_HEADER = re.compile(r"^(\S+?):[ \t]*(\S+)[ \t]*$")
_NOT_MOUNTED = frozenset(("0", "no", "off", "false"))
_TRUE = frozenset(("", "1", "yes", "on", "true"))


def parse_sections(text: str) -> dict[str, dict[str, str]]:
    """Storage → its options as they stand, with its type as ``type``; the first of two sections of a name counts."""
    sections: dict[str, dict[str, str]] = {}
    current: Optional[dict[str, str]] = None
    for line in text.split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line[0] in " \t":
            key, dummy, value = line.strip().partition(" ")
            if current is not None:
                current[key] = value.strip()
            continue
        header = _HEADER.match(line)
        current = {"type": header.group(1)} if header else None
        if header and current is not None:
            sections.setdefault(header.group(2), current)
    return sections


def render_sections(sections: Mapping[str, Mapping[str, str]]) -> str:
    """The file that parses to these sections."""
    blocks = []
    for name, options in sections.items():
        lines = [f"{options['type']}: {name}"]
        lines += [f"\t{key} {value}".rstrip(" ") for key, value in options.items() if key != "type"]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def canonical(options: Mapping[str, str]) -> Options:
    """Options (without ``type``) in comparable form, without those that only say the default."""
    found: Options = {}
    for key, text in options.items():
        value = canonical_value(key, text)
        if value and value != default_value(key):
            found[key] = value
    return found


def default_value(key: str) -> Optional[Value]:
    """What Proxmox VE assumes of an option that is not there."""
    option = OPTIONS.get(key)
    return None if option is None or option.default is None else canonical_value(key, option.default)


def canonical_value(key: str, text: str) -> Value:
    kind = OPTIONS[key].kind if key in OPTIONS else "text"
    if kind in ("words", "options"):
        return frozenset(re.split(r"[,; ]+", text.strip())) - {""}
    if kind == "pairs":
        return frozenset(pair.strip() for pair in text.split(",") if pair.strip())
    if kind == "flag":
        return "1" if text.lower() in _TRUE else "0"
    if kind == "path":
        return canonical_path(text)
    if key == "is_mountpoint":
        return "no" if text in _NOT_MOUNTED else text
    return text.upper() if key == "fingerprint" else text


def shown(value: Value) -> str:
    """A value as an argument of pvesm or in a sentence."""
    return value if isinstance(value, str) else ",".join(sorted(value))
