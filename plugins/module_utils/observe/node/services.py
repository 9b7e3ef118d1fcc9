# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask systemd which of the services run that the cluster lives of."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.node.service import WATCHED, Service

ASK = ("systemctl", "show", "--property=Id,LoadState,ActiveState", *(f"{name}.service" for name in WATCHED))


def observe(reader: Reader) -> tuple[Service, ...]:
    """Those that are installed."""
    done = reader.run(*ASK)
    if done.rc != 0:
        raise Unreadable(f"systemctl failed: {done.stderr.strip()}.")
    return tuple(parse_services(done.stdout))


def parse_services(text: str) -> Iterator[Service]:
    for block in text.split("\n\n"):
        told = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if told.get("LoadState") == "loaded":
            yield Service(told["Id"].rpartition(".")[0], told["ActiveState"])
