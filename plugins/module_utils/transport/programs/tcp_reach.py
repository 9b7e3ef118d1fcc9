# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Try whether somebody answers: tcp_reach SECONDS ADDRESS PORT [ADDRESS PORT ...]

New connections over TCP, all side by side. Prints a JSON list: of each whether it was made. A refusal is none: a
firewall refuses as a machine does on which nobody listens.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence


def main(seconds: str, *places: str) -> int:
    pairs = list(zip(places[::2], places[1::2]))
    sys.stdout.write(json.dumps(asyncio.run(_all(float(seconds), pairs))))
    return 0


async def _all(seconds: float, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    return list(await asyncio.gather(*(_reached(seconds, address, int(port)) for address, port in pairs)))


async def _reached(seconds: float, address: str, port: int) -> bool:
    try:
        dummy, writer = await asyncio.wait_for(asyncio.open_connection(address, port), seconds)
    except (OSError, asyncio.TimeoutError):
        return False
    writer.transport.abort()
    return True


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
