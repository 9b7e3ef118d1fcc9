"""What a running guest does not take at once: it waits in a part of the guest's file until the next cold start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pve_standin.api.schema import split_list
from pve_standin.guest import config, sections
from pve_standin.guest.config import Config


def read(vmid: int, kind: str) -> tuple[Config, list[str]]:
    """Values, and the keys that are to go."""
    waiting = config.read_section(vmid, sections.PENDING, kind)
    return waiting, split_list(str(waiting.pop("delete", "")))


def whole(vmid: int, kind: str) -> Config:
    """The guest as it will be after the next cold start."""
    waiting, gone = read(vmid, kind)
    return {key: value for key, value in {**config.read(vmid, None, kind), **waiting}.items() if key not in gone}


def keep(
    vmid: int,
    kind: str,
    params: Mapping[str, Any],
    delete: Sequence[str],
    cold: Sequence[str],
    apply: Callable[[int, Config, Mapping[str, Any]], None],
) -> None:
    """``cold``: the keys that wait. What is said of a key takes the place of what was said before."""
    before, gone = read(vmid, kind)
    waiting = {key: value for key, value in before.items() if key not in params and key not in delete}
    apply(vmid, waiting, {key: value for key, value in params.items() if key in cold})
    gone = [key for key in (*gone, *(key for key in delete if key in cold)) if key not in params]
    config.write(vmid, {**waiting, "delete": ",".join(gone)} if gone else waiting, sections.PENDING, kind)


def take(vmid: int, kind: str, remove: Callable[[int, Config, str], None]) -> None:
    """A cold start: what waits comes into effect."""
    current = config.read(vmid, None, kind)
    waiting, gone = read(vmid, kind)
    for key in gone:
        remove(vmid, current, key)
    config.write(vmid, {**current, **waiting}, kind=kind)
    config.write(vmid, {}, sections.PENDING, kind)
