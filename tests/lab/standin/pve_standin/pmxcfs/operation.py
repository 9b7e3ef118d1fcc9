"""Changes to the tree as messages: what one node sends and every node applies in the same order."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

CREATE = "create"
MKDIR = "mkdir"
WRITE = "write"
TRUNCATE = "truncate"
DELETE = "delete"
RENAME = "rename"
MTIME = "mtime"
UNLOCK = "unlock"

Origin = tuple[int, int, int]


@dataclass(frozen=True)
class Operation:
    """One change. Which fields count depends on `kind`; `mtime` is the sender's clock, so all nodes store the same."""

    kind: str
    path: str
    mtime: int = 0
    target: str = ""
    offset: int = 0
    inode: int = 0
    data: bytes = b""

    def encode(self) -> bytes:
        head = asdict(self)
        head.pop("data")
        return json.dumps(head).encode() + b"\n" + self.data


def decode(raw: bytes) -> Operation:
    head, _, data = raw.partition(b"\n")
    return Operation(data=data, **json.loads(head))
