# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be shown: files are read byte for byte, also those that are no UTF-8, but a result has to be text. And it
holds no secret that was given, wherever somebody has repeated it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_HIDDEN = "********"


def printable(value: Any, secrets: Sequence[str] = ()) -> Any:
    """The same with a question mark for each byte that is no part of a letter, in all strings of it, keys included; and
    with stars for each secret."""
    if isinstance(value, str):
        text = value.encode("utf-8", "replace").decode("utf-8")
        for secret in secrets:
            text = text.replace(secret, _HIDDEN)
        return text
    if isinstance(value, dict):
        return {printable(key, secrets): printable(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [printable(item, secrets) for item in value]
    return value


def secrets_in(params: Mapping[str, Any], spec: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What was given for options with ``no_log``, the longest first, as one may be a part of another."""
    return sorted(set(_secrets(params, spec)), key=len, reverse=True)


def _secrets(params: Mapping[str, Any], spec: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, option in spec.items():
        value = params.get(name)
        if option.get("no_log"):
            yield from _texts(value)
        elif option.get("options") and value:
            for one in value if isinstance(value, list) else [value]:
                yield from _secrets(one, option["options"])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
    elif value and not isinstance(value, bool):
        yield str(value)
