#!/usr/bin/env python3
"""Take recorded commands over into tests/transcripts, with placeholders for what belongs to the machine they ran on.

    take_transcripts.py FOLDER

FOLDER holds one JSON file per command (cmd, rc, stdout, stderr, node, state, stdin), named NNN-subject.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from recorded import FOLDER

KEPT = ("cmd", "node", "state", "stdin", "rc", "stdout", "stderr")
#: What stands for whom on the recorded machines: disks, and the certificates in command lines.
DISKS = {
    "/dev/loop20": "<disk 1 of pve1>",
    "/dev/loop21": "<disk 2 of pve1>",
    "/dev/loop22": "<disk 1 of pve2>",
    "/dev/loop24": "<disk 1 of pve3>",
}
FINGERPRINTS = ("DF:48:05:DA", "D8:A5:C9:AD", "<sha256 of")
STDIN = {"<ticket minted": "<ticket>\n"}
#: Recorded with a command line that was abridged; the options are those of the other joins.
COMMANDS = {
    "242-join-ticket-invalid": (
        "pvecm add 10.10.1.11 --fingerprint <fingerprint> --link0 10.10.1.13 --link1 10.10.2.13".split()
    ),
}
INPUTS = {"242-join-ticket-invalid": "<invalid ticket>\n"}


def taken(name: str, transcript: dict[str, Any]) -> dict[str, Any]:
    """One transcript as it is kept."""
    kept = {key: transcript.get(key) for key in KEPT}
    command: list[str] = transcript["cmd"] if isinstance(transcript["cmd"], list) else [transcript["cmd"]]
    kept["cmd"] = COMMANDS.get(name, ["<fingerprint>" if word.startswith(FINGERPRINTS) else word for word in command])
    kept["stdin"] = INPUTS.get(name, _stdin(kept["stdin"]))
    text = json.dumps(kept, ensure_ascii=False)
    for device, placeholder in DISKS.items():
        text = text.replace(device, placeholder).replace(Path(device).name, f"<name of {placeholder[1:]}")
    return dict(json.loads(text))


def _stdin(text: str | None) -> str | None:
    for start, placeholder in STDIN.items():
        if text is not None and text.startswith(start):
            return placeholder
    return text


def main() -> None:
    for path in sorted(Path(sys.argv[1]).glob("[0-9]*.json")):
        kept = taken(path.stem, json.loads(path.read_text(encoding="utf-8")))
        text = json.dumps(kept, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / path.name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
