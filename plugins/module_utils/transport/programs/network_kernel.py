# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep how the kernel's network is, and make it so again. Usage: network_kernel keep FOLDER | repair FOLDER

keep: writes what ip and bridge show into FOLDER (in memory), and this program beside it. repair: what a command that
loads a configuration has left otherwise is set by ip itself: strange links, masters, MTUs, addresses, routes. Tells
what is still not as it was; then the exit code is 1. A link that is gone can only be made again by that command.
Runs on its own with a node's system Python: of this collection it imports nothing (why: see network_files).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any, Callable, Optional

#: Links that only a configuration makes; those of guests come and go by themselves.
MADE = ("bridge", "bond", "vlan", "dummy", "vxlan")
OF_GUESTS = re.compile(r"(tap|veth|fwbr|fwpr|fwln)\d|vmbr\d+v\d+$")
Look = dict[str, Any]


def look() -> Look:
    """Links, routes and the tags of ports, as far as a configuration makes them; the routes in the words of ip."""
    links = {one["ifname"]: _link(one) for one in asked("ip", "-json", "-details", "address")}
    routes = {family: sorted(_routes(asked("ip", family, "-json", "route", "show"))) for family in ("-4", "-6")}
    ports = asked("bridge", "-json", "vlan", "show") if call("bridge", "vlan", "show")[0] == 0 else []
    tags = {one["ifname"]: one.get("vlans") for one in ports if not OF_GUESTS.match(one["ifname"])}
    return {
        "links": {name: one for name, one in links.items() if not OF_GUESTS.match(name)},
        "routes": routes,
        "tags": tags,
    }


def _link(one: Mapping[str, Any]) -> dict[str, Any]:
    lasting = [
        f"{address['local']}/{address['prefixlen']}"
        for address in one.get("addr_info", ())
        if address["family"] == "inet" or not (address["scope"] == "link" or address.get("dynamic"))
    ]
    return {
        "kind": one.get("linkinfo", {}).get("info_kind", ""),
        "mac": one.get("address", ""),
        "mtu": one.get("mtu", 0),
        "master": one.get("master", ""),
        "up": "UP" in one.get("flags", ()),
        "addresses": sorted(lasting),
    }


def _routes(routes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in routes:
        if one.get("protocol") in ("kernel", "ra"):
            continue
        words = [one["type"]] if one.get("type", "unicast") != "unicast" else []
        words.append(one["dst"])
        for key, word in (
            ("gateway", "via"),
            ("dev", "dev"),
            ("protocol", "proto"),
            ("metric", "metric"),
            ("prefsrc", "src"),
        ):
            words += [word, str(one[key])] if key in one else []
        for hop in one.get("nexthops", ()):
            words += ["nexthop", "via", hop["gateway"], "dev", hop["dev"], "weight", str(hop.get("weight", 1))]
        yield " ".join([*words, *(["onlink"] if "onlink" in one.get("flags", ()) else [])])


def link_lines(before: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """For ip: what makes the links what they were. One that is gone, only the command can make again."""
    for name, is_now in found.items():
        if name not in before and is_now["kind"] in MADE:
            yield f"link delete dev {name}"
    for name, was in before.items():
        yield from _lines_of(name, was, found.get(name, was))


def _lines_of(name: str, was: Mapping[str, Any], is_now: Mapping[str, Any]) -> Iterator[str]:
    if was["master"] != is_now["master"]:
        yield f"link set dev {name} " + (f"master {was['master']}" if was["master"] else "nomaster")
    for key, word in (("mac", "address"), ("mtu", "mtu")):
        if was[key] != is_now[key]:
            yield f"link set dev {name} {word} {was[key]}"
    if was["up"] != is_now["up"]:
        yield f"link set dev {name} " + ("up" if was["up"] else "down")
    yield from (f"address delete {one} dev {name}" for one in is_now["addresses"] if one not in was["addresses"])
    yield from (f"address add {one} dev {name}" for one in was["addresses"] if one not in is_now["addresses"])


def repair(before: Look) -> list[str]:
    """What is still not as it was."""
    try:
        batch(link_lines(before["links"], look()["links"]))
        found = look()["routes"]
        for family, routes in before["routes"].items():
            batch([f"route delete {route}" for route in found[family] if route not in routes], family)
            batch([f"route replace {route}" for route in routes if route not in found[family]], family)
        return list(differences(before, look()))
    except OSError as error:
        return [f"Nobody can see whether the network is as it was: {error}."]


def differences(before: Look, found: Look) -> Iterator[str]:
    for what in ("links", "routes", "tags"):
        for name in sorted({*before[what], *found[what]}):
            was, is_now = before[what].get(name), found[what].get(name)
            if was != is_now:
                yield f"{name} is not as it was: {json.dumps(was)}, now {json.dumps(is_now)}."


def batch(lines: Iterable[str], *options: str) -> None:
    """One line that fails does not stop the others; what it was for is seen afterwards."""
    text = "".join(f"{line}\n" for line in lines)
    if text:
        call("ip", *options, "-force", "-batch", "-", stdin=text)


def asked(*command: str) -> list[Any]:
    code, said = call(*command)
    try:
        found: list[Any] = json.loads(said or "[]")
    except ValueError:
        code = code or 1
    if code:
        raise OSError(f"{' '.join(command)}: {said.strip()}")
    return found


def call(*command: str, stdin: str = "", limit: Optional[float] = 30) -> tuple[int, str]:
    """Exit code and what was said, kept in memory: daemons that are left would hold a pipe open, and disks are full."""
    with open(os.memfd_create("said"), "w+b") as said:
        try:
            code = asyncio.run(_ended(command, stdin, said, limit))
        except OSError as error:
            return 127, str(error)
        said.seek(0)
        return code, said.read().decode(errors="replace")


async def _ended(command: Sequence[str], stdin: str, said: IO[bytes], limit: Optional[float]) -> int:
    pipe = asyncio.subprocess.PIPE
    options: dict[str, Any] = {"stdout": said, "stderr": said, "start_new_session": True, "cwd": "/"}
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, **options)
    try:
        await asyncio.wait_for(process.communicate(stdin.encode()), limit)
    except asyncio.TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
        return 124
    return 1 if process.returncode is None else process.returncode


def read(path: str) -> Optional[bytes]:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def own_source() -> bytes:
    """A file, or a word of the command that runs it."""
    if "__file__" in globals():
        return read(__file__) or b""
    words = (read("/proc/self/cmdline") or b"").split(b"\0")
    return words[words.index(b"-c") + 1]


def say(text: str, code: int, stream: IO[str] = sys.stderr) -> int:
    """Whoever started this may have been killed, and nobody listens any more: that changes nothing."""
    try:
        stream.write(f"{text}\n" if text else "")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code


def keep(folder: str) -> int:
    record = json.loads(read(f"{folder}/record.json") or b"{}")
    if record.get("state", "prepared") != "prepared":
        return say(f"Another change of the network is {record['state']} on this node; it ends by itself soon.", 1)
    try:
        found = look()
    except OSError as error:
        return say(f"Nobody can see how the network is: {error}.", 1)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for name, content in (("kernel.json", json.dumps(found).encode()), ("kernel.py", own_source())):
        with open(f"{folder}/{name}", "wb") as stream:
            stream.write(content)
    return 0


def back(folder: str) -> int:
    problems = repair(json.loads(read(f"{folder}/kernel.json") or b"null"))
    return say("\n".join(problems), 1 if problems else 0)


def main(mode: str, folder: str) -> int:
    modes: dict[str, Callable[[str], int]] = {"keep": keep, "repair": back}
    return modes[mode](folder)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
