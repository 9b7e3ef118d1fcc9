# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ask a speaker what it shows: BIRD by its socket, FRR by vtysh, and the kernel for its table."""

from __future__ import annotations

import json
from typing import Any, Literal

from ...engine.errors import Unreadable
from ...engine.reader import Reader
from ...model.kube import bird, switch
from ...model.kube.bgp_view import View
from ...model.kube.fabric import Family

Speaker = Literal["bird", "frr", "h3c", "huawei"]
_PROTOCOLS, _ROUTES, _STATUS = "show protocols all", "show route", "show status"


def observe(reader: Reader, speaker: Speaker, socket: str = "", text: str = "", family: Family = "ipv4") -> View:
    """``text``: what a switch has printed that nobody can ask from here."""
    if speaker in ("h3c", "huawei"):
        if not switch.is_table(text):
            raise Unreadable(f"The text is no table of peers: {text.strip()[:200]!r}.")
        return View(switch.h3c_neighbours(text) if speaker == "h3c" else switch.huawei_neighbours(text))
    asked = ("ip", "-6", "route") if family == "ipv6" else ("ip", "route")
    kernel = reader.run(*asked)
    if kernel.rc != 0:
        raise Unreadable(f"`{' '.join(asked)}` does not tell the kernel's table: {kernel.stderr.strip()}.")
    table = switch.installed(kernel.stdout, family)
    if speaker == "frr":
        summary, routes = (
            vtysh_json(reader, "show bgp summary json"),
            vtysh_json(reader, f"show bgp {family} unicast json"),
        )
        return View(switch.frr_neighbours(summary, family), switch.frr_routes(routes), table, by="frr")
    told = _bird(reader, socket)
    waits = bird.recovering(told[_STATUS])
    if waits is None and bird.kernel_waits(told[_PROTOCOLS]):
        waits = 0.0
    return View(bird.neighbours(told[_PROTOCOLS]), bird.routes(told[_ROUTES]), table, waits)


def vtysh_json(reader: Reader, command: str) -> Any:
    """Where no BGP runs it prints a sentence."""
    done = reader.run("vtysh", "-c", command)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = None
    if done.rc != 0 or not isinstance(found, dict) or "warning" in found:
        said = (done.stdout + done.stderr).strip()[:200]
        raise Unreadable(f"`vtysh -c '{command}'` does not tell: {said}.")
    return found


def _bird(reader: Reader, socket: str) -> dict[str, str]:
    done = reader.program("bird_socket", socket, _PROTOCOLS, _ROUTES, _STATUS)
    if done.rc != 0:
        raise Unreadable(f"BIRD does not answer: {done.stderr.strip()}.", "Does calico-node run there?")
    found: dict[str, str] = json.loads(done.stdout)
    return found
