# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which texts Proxmox VE accepts as the value of an option: when a storage is defined, and when storage.cfg is read.

Upstream: PVE::JSONSchema (``check_prop``), and the formats that PVE::Storage::Plugin registers there.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Optional

from ..cluster.section_config import split_list
from .options import OPTIONS, Format, Kind, Option

_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
#: A host that no resolver has looked at yet.
_HOST = r"[A-Za-z0-9.-]+"
_PORTAL = re.compile(rf"{_HOST}(:\d+)?", re.ASCII)
_BRACKETS = re.compile(r"\[([^\]]+)\](:\d+)?", re.ASCII)
_BLOCKSIZE = re.compile(r"([1-9]\d{0,9})([kKmM]?)", re.ASCII)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20}
#: Neither two dots in a row nor one at the end.
_OVERRIDE = re.compile(r"([a-z]+)=((?:\.?[^.])+)")
_TRUE = frozenset(("1", "on", "yes", "true"))
_FALSE = frozenset(("0", "off", "no", "false"))


def takes(option: Option, text: str) -> bool:
    """Does Proxmox VE accept this text for the option?"""
    return _KINDS[option.kind](option, text)


def as_boolean(text: str) -> Optional[bool]:
    """Where upstream takes words for a flag: in property strings, and for ``is_mountpoint``; None for no such word."""
    word = text.lower()
    return True if word in _TRUE else False if word in _FALSE else None


def parse_pairs(option: Option, text: str) -> Optional[dict[str, str]]:
    """A property string with its flags as 1 and 0; None where Proxmox VE does not accept it."""
    parts = {part.name: part for part in option.parts}
    found: dict[str, str] = {}
    for word in text.split(","):
        name, sign, value = word.partition("=")
        if not word.strip(" \t\n\r\f\v"):
            continue
        if not sign or not value or name not in parts or name in found:
            return None
        if parts[name].kind == "flag":
            flag = as_boolean(value)
            value = value if flag is None else "1" if flag else "0"
        found[name] = value
    return found


def _flag(dummy: Option, text: str) -> bool:
    return text in ("0", "1")


def _number(option: Option, text: str) -> bool:
    return bool(_INTEGER.fullmatch(text)) and _in_range(option, text) and _is_choice(option, text)


def _in_range(option: Option, text: str) -> bool:
    number = float(text)
    return (option.minimum is None or number >= option.minimum) and (option.maximum is None or number <= option.maximum)


def _text(option: Option, text: str) -> bool:
    return (
        (not option.pattern or re.fullmatch(option.pattern, text, re.ASCII) is not None)
        and (not option.format or _FORMATS[option.format](text))
        and (option.longest is None or len(text.encode("utf-8", "surrogateescape")) <= option.longest)
        and _is_choice(option, text)
    )


def _is_choice(option: Option, text: str) -> bool:
    return not option.choices or text in map(str, option.choices)


def _words(option: Option, text: str) -> bool:
    return all(_text(option, word) for word in split_list(text))


def _pairs(option: Option, text: str) -> bool:
    if not option.parts:
        return all(map(_is_override, split_list(text)))
    found = parse_pairs(option, text)
    if found is None or not all(_part(part, found[part.name]) for part in option.parts if part.name in found):
        return False
    others = [number for name, number in found.items() if name != "keep-all"]
    return found.get("keep-all") != "1" or not any(map(float, others))


def _part(part: Option, text: str) -> bool:
    """Backups are counted, a bandwidth may be a fraction."""
    if part.name.startswith("keep-"):
        return takes(part, text)
    return _NUMBER.fullmatch(text) is not None and _in_range(part, text)


def _is_override(text: str) -> bool:
    """Another directory for a kind of content: relative, and not too long for a path."""
    found = _OVERRIDE.fullmatch(text)
    if found is None or found.group(1) not in OPTIONS["content"].choices:
        return False
    path = found.group(2).encode("utf-8", "surrogateescape")
    return len(path) < 1023 and all(len(part) < 255 for part in path.split(b"/"))


def _is_server(text: str) -> bool:
    return _is_ipv6(text) or all(map(_LABEL.fullmatch, text.split(".")))


def _is_portal(text: str) -> bool:
    """An address or a name, and perhaps a port: behind a colon, or behind a dot where the address has colons itself."""
    bracketed = _BRACKETS.fullmatch(text)
    if bracketed:
        return _is_ipv6(bracketed.group(1)) or re.fullmatch(_HOST, bracketed.group(1)) is not None
    address, dot, port = text.rpartition(".")
    with_port = bool(dot) and re.fullmatch(r"\d+", port, re.ASCII) is not None and _is_ipv6(address)
    return _PORTAL.fullmatch(text) is not None or _is_ipv6(text) or with_port


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_blocksize(text: str) -> bool:
    """A power of two from 512 bytes to 16 MiB."""
    found = _BLOCKSIZE.fullmatch(text)
    size = int(found.group(1)) * _UNITS[found.group(2).lower()] if found else 0
    return 512 <= size <= 1 << 24 and size & (size - 1) == 0


_FORMATS: dict[Format, Callable[[str], bool]] = {
    "server": _is_server,
    "portal": _is_portal,
    "blocksize": _is_blocksize,
}
_KINDS: dict[Kind, Callable[[Option, str], bool]] = {
    "flag": _flag,
    "number": _number,
    "words": _words,
    "pairs": _pairs,
    "text": _text,
    "path": _text,
    "options": _text,
    "secret": _text,
}
