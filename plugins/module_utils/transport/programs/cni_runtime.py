# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Call CNI plugins as a container runtime does, and keep what libcni keeps.

    cni_runtime versions DIRECTORIES TYPE ...   what each plugin tells of itself: JSON, type -> path, versions, banner
    cni_runtime status DIRECTORIES FILE         plugin -> why it cannot add now, for a list of version 1.1.0
    cni_runtime look REQUEST                    what is known of an attachment, and what CHECK says of it
    cni_runtime add REQUEST                     ADD of each plugin in turn; after a failure DEL of all, in reverse
    cni_runtime del REQUEST                     DEL in reverse, along the list and the result of the ADD
    cni_runtime untrack PORT ...                forget the connections to ports of this node over UDP

DIRECTORIES are separated by colons, a REQUEST is JSON. The result of an ADD is cached in libcni's form and place. From
before the first plugin until that is written, a note of the same form lies in the directory of notes: it is what a
runtime that was killed in between has left. One container is worked on by one process at a time.
Runs on its own with a node's system Python: of this collection it imports nothing.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import fcntl
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable, NamedTuple, Optional

Document = dict[str, Any]
PATIENCE = 60.0
KIND = "cniCacheV1"
UNSAID, FIRST_CHECK, FIRST_STATUS, YOUNGEST = "0.1.0", (0, 4, 0), (1, 1, 0), (1, 1, 0)


class Failure(Exception):
    """What a plugin answered, or why it could not be called."""

    def __init__(self, plugin: str, code: int, text: str) -> None:
        super().__init__(f"{plugin}: {text}" + (f" (code {code})" if code else ""))
        self.plugin, self.code, self.text = plugin, code, text


class Attachment(NamedTuple):
    """One interface of one container, and the list that it was, or is to be, made by."""

    container: str
    netns: str
    ifname: str
    args: list[list[str]]
    capability_args: Document
    config: str
    path: str
    result: Optional[Document] = None

    @property
    def document(self) -> Document:
        found: Document = json.loads(self.config)
        return found

    @property
    def version(self) -> str:
        """Of several the youngest that is known here, as libcni chooses."""
        several = [one for one in self.document.get("cniVersions", ()) if order(one) <= YOUNGEST]
        said: str = max([*several, self.document.get("cniVersion") or UNSAID], key=order)
        return said

    @property
    def cached(self) -> Document:
        """As libcni writes it."""
        found = {
            "kind": KIND,
            "containerId": self.container,
            "config": base64.b64encode(self.config.encode()).decode(),
            "ifName": self.ifname,
            "networkName": self.document["name"],
            "netns": self.netns,
            "cniArgs": self.args,
            "capabilityArgs": self.capability_args,
            "result": self.result,
        }
        return {key: value for key, value in found.items() if value not in (None, [], {}, "")}


def order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")) if version.replace(".", "").isdigit() else ()


async def execute(path: str, stdin: str, env: Mapping[str, str], *words: str) -> tuple[int, str, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        path, *words, stdin=pipe, stdout=pipe, stderr=pipe, env={**os.environ, **env}, cwd="/"
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), PATIENCE)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return 124, "", f"no answer for {PATIENCE:.0f} seconds"
    return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")


def found_in(directories: Sequence[str], kind: str) -> str:
    paths = [os.path.join(one, kind) for one in directories]
    return next((path for path in paths if os.path.isfile(path) and os.access(path, os.X_OK)), "")


def call(verb: str, kind: str, config: Document, one: Attachment) -> str:
    """What the plugin prints; an error is JSON, on either output."""
    program = found_in(one.path.split(":"), kind)
    if not program:
        raise Failure(kind, 0, f"failed to find plugin in {one.path}")
    env = {
        "CNI_COMMAND": verb,
        "CNI_CONTAINERID": one.container,
        "CNI_NETNS": one.netns,
        "CNI_IFNAME": one.ifname,
        "CNI_ARGS": ";".join("=".join(pair) for pair in one.args),
        "CNI_PATH": one.path,
    }
    rc, out, err = asyncio.run(execute(program, json.dumps(config), env))
    if rc != 0:
        raise failure(kind, rc, out, err)
    return out


def failure(kind: str, rc: int, out: str, err: str) -> Failure:
    for text in (out, err):
        try:
            told = json.loads(text)
            details = f"; {told['details']}" if told.get("details") else ""
            return Failure(kind, int(told["code"]), f"{told['msg']}{details}")
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return Failure(kind, 0, (err or out).strip()[-2000:] or f"it ended with exit code {rc} and said nothing")


def config_for(one: Attachment, plugin: Document, previous: Optional[Document]) -> Document:
    """A plugin sees its own part, what the runtime tells it of what it declares, and what was done before."""
    declared = plugin.get("capabilities") or {}
    told = {name: value for name, value in one.capability_args.items() if declared.get(name) is True}
    config = {key: value for key, value in plugin.items() if key != "capabilities"}
    config.update(name=one.document["name"], cniVersion=one.version)
    if told:
        config["runtimeConfig"] = told
    if previous is not None:
        config["prevResult"] = previous
    return config


def add_all(one: Attachment) -> Document:
    result: Optional[Document] = None
    for plugin in one.document["plugins"]:
        printed = call("ADD", plugin["type"], config_for(one, plugin, result), one)
        try:
            result = json.loads(printed)
        except ValueError:
            raise Failure(plugin["type"], 0, "it succeeded, and printed no result") from None
    return result or {}


def delete_all(one: Attachment) -> None:
    """In reverse; the first failure ends it, and what is noted stays."""
    previous = one.result if order(one.version) >= FIRST_CHECK else None
    for plugin in reversed(one.document["plugins"]):
        call("DEL", plugin["type"], config_for(one, plugin, previous), one)


def check_all(one: Attachment) -> list[Document]:
    """Each plugin is asked, so that what one gets wrong hides nothing."""
    failures = []
    for plugin in one.document["plugins"]:
        try:
            call("CHECK", plugin["type"], config_for(one, plugin, one.result), one)
        except Failure as error:
            failures.append({"plugin": error.plugin, "code": error.code, "msg": error.text})
    return failures


# --- what is kept -----------------------------------------------------------------------------------------------------


def paths(request: Document) -> tuple[str, str]:
    """Of the cache and of the note."""
    name = f"{request['network']}-{request['container']}-{request['ifname']}"
    return os.path.join(request["cache_dir"], "results", name), os.path.join(request["notes"], name)


def read_kept(path: str, bin_path: str) -> Optional[Attachment]:
    """None: there is none. ValueError: there is one that tells no list."""
    try:
        with open(path, encoding="utf-8") as stream:
            kept = json.load(stream)
    except FileNotFoundError:
        return None
    if not isinstance(kept, dict) or kept.get("kind") != KIND:
        raise ValueError(f"{path} does not tell along which list it was added")
    try:
        config = base64.b64decode(kept["config"], validate=True).decode()
        found = Attachment(
            kept["containerId"],
            kept.get("netns", ""),
            kept["ifName"],
            kept.get("cniArgs") or [],
            kept.get("capabilityArgs") or {},
            config,
            bin_path,
            kept.get("result"),
        )
        names = [plugin["type"] for plugin in found.document["plugins"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} lacks {error}") from error
    if not names:
        raise ValueError(f"{path} tells a list of no plugins")
    return found


def keep(path: str, one: Attachment) -> None:
    """Whole or not at all, and only for root."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    draft = f"{path}.new"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        json.dump(one.cached, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)


def forget(*names: str) -> None:
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


@contextlib.contextmanager
def alone(request: Document) -> Iterator[None]:
    """No other process works on this container meanwhile; on others any may. The last one takes the file away."""
    os.makedirs(request["locks"], mode=0o700, exist_ok=True)
    path = os.path.join(request["locks"], f"{request['container']}.lock")
    held = False
    while not held:
        lock = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = os.path.exists(path) and os.stat(path).st_ino == os.fstat(lock).st_ino
        if not held:
            os.close(lock)
    try:
        yield
    finally:
        forget(path)
        os.close(lock)


def from_request(request: Document) -> Attachment:
    args = [[key, value] for key, value in sorted(request["args"].items())]
    wanted = (request["container"], request["netns"], request["ifname"], args, request["capability_args"])
    return Attachment(*wanted, request["config"], request["bin_path"])


# --- what can be asked for --------------------------------------------------------------------------------------------


def versions(directories: str, *kinds: str) -> Document:
    """A plugin that is not there is not in the answer; one that tells nothing has no versions."""
    found: Document = {}
    for kind in kinds:
        path = found_in(directories.split(":"), kind)
        if not path:
            continue
        rc, out, dummy = asyncio.run(execute(path, json.dumps({"cniVersion": "1.0.0"}), {"CNI_COMMAND": "VERSION"}))
        try:
            known = json.loads(out).get("supportedVersions", []) if rc == 0 else []
        except (ValueError, AttributeError):
            known = []
        banner = asyncio.run(execute(path, "", {}))[2].partition("\n")[0]
        found[kind] = {"path": path, "versions": known, "banner": banner}
    return found


def status(directories: str, path: str) -> Document:
    with open(path, encoding="utf-8") as stream:
        one = Attachment("", "", "", [], {}, stream.read(), directories)
    told: Document = {}
    for plugin in one.document["plugins"] if order(one.version) >= FIRST_STATUS else ():
        try:
            call("STATUS", plugin["type"], config_for(one, plugin, None), one)
        except Failure as error:
            told[plugin["type"]] = str(error)
    return told


def has_interface(netns: str, ifname: str) -> bool:
    program = found_in(os.environ.get("PATH", os.defpath).split(":"), "nsenter")
    words = (f"--net={netns}", "ip", "-oneline", "link", "show", "dev", ifname)
    return bool(program) and asyncio.run(execute(program, "", {}, *words))[0] == 0


def look(text: str) -> Document:
    request = json.loads(text)
    with alone(request):
        told: Document = {"netns": bool(request["netns"]) and os.path.exists(request["netns"])}
        told["interface"] = told["netns"] and has_interface(request["netns"], request["ifname"])
        for name, path in zip(("cached", "noted"), paths(request)):
            try:
                one = read_kept(path, request["bin_path"])
            except ValueError as error:
                told["unreadable"] = str(error)
                continue
            told[name] = {**one.cached, "config": one.config} if one else None
            if one and name == "cached":
                stopped = str(one.document.get("disableCheck", False)).lower() == "true"
                told["checkable"] = order(one.version) >= FIRST_CHECK and not stopped
                told["failures"] = check_all(one) if told["checkable"] else []
        return told


def add(text: str) -> Document:
    request = json.loads(text)
    one, (cache, note) = from_request(request), paths(request)
    with alone(request):
        keep(note, one)
        try:
            one = one._replace(result=add_all(one))
        except Failure as error:
            delete_after(error, one)
            forget(note)
            raise
        keep(cache, one)
        forget(note)
    return one.result or {}


def delete_after(error: Failure, one: Attachment) -> None:
    """The first failure is told; that of what follows from it only beside it."""
    try:
        delete_all(one)
    except Failure as second:
        raise Failure(error.plugin, error.code, f"{error.text}; then DEL: {second}") from second


def delete(text: str) -> Document:
    """Of the note first: what it tells of was begun last, or is the same."""
    request = json.loads(text)
    cache, note = paths(request)
    with alone(request):
        for path in (note, cache):
            one = read_kept(path, request["bin_path"])
            if one is not None:
                delete_all(one)
                forget(path)
    return {}


def untrack(*ports: str) -> Document:
    """They would go on to whoever had the port before. conntrack ends with 1 where there was none."""
    program = found_in(os.environ.get("PATH", os.defpath).split(":"), "conntrack")
    for port in ports:
        words = ("--delete", "--proto", "udp", "--orig-port-dst", port)
        rc, dummy, err = asyncio.run(execute(program, "", {}, *words))
        if rc not in (0, 1):
            raise Failure("conntrack", 0, err.strip())
    return {}


def main(mode: str, *words: str) -> int:
    modes: dict[str, Callable[..., Document]] = {
        "versions": versions,
        "status": status,
        "look": look,
        "add": add,
        "del": delete,
        "untrack": untrack,
    }
    try:
        sys.stdout.write(json.dumps(modes[mode](*words)))
    except (Failure, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
