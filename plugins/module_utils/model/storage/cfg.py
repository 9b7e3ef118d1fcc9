# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""/etc/pve/storage.cfg: values that can be compared.

Lists come in random order (they are hashes in Perl), numbers and paths in several spellings, defaults may or may not be
written out. ``canonical`` takes all that away, for what is read and for what is wanted alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Optional, Union

from ..cluster.section_config import split_list
from ..node.paths import canonical_path
from .formats import as_boolean, parse_pairs
from .options import OPTIONS, Option

PATH = "/etc/pve/storage.cfg"
Value = Union[str, frozenset[str]]
Options = dict[str, Value]

_KEEP_ALL = frozenset(("keep-all=1",))


def canonical(options: Mapping[str, str]) -> Options:
    """Options (without ``type``) in comparable form, without those that only say the default."""
    found: Options = {}
    for key, text in options.items():
        value = canonical_value(key, text)
        if value and value != default_value(key):
            found[key] = value
    if "path" in found and found.get("is_mountpoint") == found["path"]:
        found["is_mountpoint"] = "yes"
    return found


def default_value(key: str) -> Optional[Value]:
    """What Proxmox VE assumes of an option that is not there."""
    option = OPTIONS.get(key)
    return None if option is None or option.default is None else canonical_value(key, option.default)


def canonical_value(key: str, text: str) -> Value:
    option = OPTIONS.get(key)
    kind = option.kind if option is not None else "text"
    if kind in ("words", "options"):
        return frozenset(split_list(text))
    if option is not None and kind == "pairs":
        return _pairs(option, text) if option.parts else _directories(text)
    if kind == "number":
        return _integer(text)
    if kind == "path":
        return canonical_path(text)
    if key == "is_mountpoint":
        flag = as_boolean(text)
        return canonical_path(text) if flag is None else "yes" if flag else "no"
    return text.upper() if key == "fingerprint" else text


def _pairs(option: Option, text: str) -> frozenset[str]:
    """Of backups, what is kept: to keep 0 of them, or not to keep all, says nothing."""
    pairs = {f"{name}={_integer(value)}" for name, value in (parse_pairs(option, text) or {}).items()}
    if option.name == "prune-backups" and text:
        return frozenset(pair for pair in pairs if not pair.endswith("=0")) or _KEEP_ALL
    return frozenset(pairs)


def _directories(text: str) -> frozenset[str]:
    """Of two directories for one content the last counts."""
    return frozenset({word.partition("=")[0]: word for word in split_list(text)}.values())


def _integer(text: str) -> str:
    """``+007`` is 7; what is no integer stays as it is."""
    found = re.fullmatch(r"([+-]?)0*(\d+)", text, re.ASCII)
    if found is None:
        return text
    sign, digits = found.groups()
    return f"-{digits}" if sign == "-" and digits != "0" else digits


def shown(value: Value) -> str:
    """A value as an argument of pvesm or in a sentence."""
    return value if isinstance(value, str) else ",".join(sorted(value))
