# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists and numbers in sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def listed(names: Iterable[object], last: str = "and") -> str:
    """``pve1, pve2 and pve3``; numbers by size, words by name."""
    found = sorted(names, key=_key)
    texts = [str(one) for one in found]
    return f" {last} ".join([*([", ".join(texts[:-1])] if texts[1:] else []), *texts[-1:]])


def _key(one: object) -> tuple[int, str]:
    return (one, "") if isinstance(one, int) else (0, str(one))


def sentence(text: str) -> str:
    """``who is there is not known`` as a sentence of its own."""
    return f"{text[0].upper()}{text[1:]}."


def verb(names: Collection[object], one: str, more: str) -> str:
    """The form of a verb that follows ``listed(names)``."""
    return one if len(names) == 1 else more


def span(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3 h``: as people say it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
