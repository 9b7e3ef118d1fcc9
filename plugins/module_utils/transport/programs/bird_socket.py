# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask BIRD by its socket, for which nothing needs to be installed: bird_socket PATH COMMAND [COMMAND ...]

It prints a JSON object: command → what BIRD answers, as its own client prints it. Reading commands only.
"""

from __future__ import annotations

import json
import re
import socket
import sys
from typing import TextIO

_SECONDS = 10.0
#: What ends an answer: all is told, an error, or that a start is not over yet.
_END = re.compile(r"(?:0000|0013|0024|[89]\d{3})[ -]")
_CODED = re.compile(r"\d{4}[ -]")


def main(path: str, *commands: str) -> int:
    if any(not command.startswith("show ") for command in commands):
        sys.stderr.write("only what is shown is asked\n")
        return 2
    try:
        told = ask(path, commands)
    except OSError as error:
        sys.stderr.write(f"{path}: {error}\n")
        return 1
    sys.stdout.write(json.dumps(told))
    return 0


def ask(path: str, commands: tuple[str, ...]) -> dict[str, str]:
    with socket.socket(socket.AF_UNIX) as speaker:
        speaker.settimeout(_SECONDS)
        speaker.connect(path)
        with speaker.makefile("rw", encoding="utf-8", errors="replace") as stream:
            stream.readline()  # it says who it is
            found = {}
            for command in commands:
                stream.write(f"{command}\n")
                stream.flush()
                found[command] = "\n".join(_answer(stream))
    return found


def _answer(stream: TextIO) -> list[str]:
    """Lines without their codes. One that begins with a space goes on as the line before it did.

    What breaks off is no answer: routes that were not told would be taken for routes that are not there.
    """
    lines: list[str] = []
    for line in iter(stream.readline, ""):
        text = line.rstrip("\n")
        coded = _CODED.match(text)
        lines.append(text[5:] if coded else text[1:])
        if coded and text[4] == " " and _END.match(text):
            return lines
    raise ConnectionError("BIRD has ended before it had answered")


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
