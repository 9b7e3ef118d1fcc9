"""datacenter.cfg: one `key: value` per line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pve_standin.core.cfs import cfs_lock, cfs_read, cfs_write

FILE = "datacenter.cfg"


def read() -> dict[str, str]:
    """Options as written; comment lines are the description."""
    found: dict[str, str] = {}
    comments: list[str] = []
    for line in (cfs_read(FILE) or "").splitlines():
        if line.startswith("#"):
            comments.append(line[1:])
            continue
        key, colon, value = line.partition(":")
        if colon:
            found[key.strip()] = value.strip()
    if comments:
        found["description"] = "".join(f"{line}\n" for line in comments)
    return found


def change(values: Mapping[str, Any], deleted: list[str]) -> None:
    with cfs_lock("file-datacenter_cfg"):
        current = read()
        current.update({key: str(value) for key, value in values.items()})
        for key in deleted:
            current.pop(key, None)
        description = current.pop("description", "")
        lines = [f"#{line}" for line in description.splitlines()]
        lines += [f"{key}: {value}" for key, value in sorted(current.items())]
        cfs_write(FILE, "".join(f"{line}\n" for line in lines))


def names(text: str) -> list[str]:
    """The items of a `delete` parameter."""
    return [item for item in re.split(r"[,; ]+", text) if item]
