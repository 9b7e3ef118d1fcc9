"""A guest's configuration file as its parts: the present state (named ""), what is pending, snapshots."""

from __future__ import annotations

import re

PENDING = "PENDING"
CLOUD_INIT = "special:cloudinit"


def split(text: str) -> dict[str, str]:
    parts = re.split(r"(?m)^\[([^\]]+)\][ \t]*\n", text)
    return dict(zip(["", *parts[1::2]], parts[::2]))


def join(parts: dict[str, str]) -> str:
    named = [(name, body) for name, body in parts.items() if name and body.strip()]
    return parts.get("", "") + "".join(f"\n[{name}]\n{body.strip()}\n" for name, body in named)
