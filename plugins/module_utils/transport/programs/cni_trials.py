# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Try CNI plugins in namespaces of their own, and print what they answered.

    cni_trials DIRECTORIES LIST          DIRECTORIES are separated by colons, LIST is a network configuration list
    cni_trials inside DIRECTORIES LIST   the same, already in these namespaces

Network and mounts are the process's own: links, rules and namespaces of pods end with it, and so do the addresses that
host-local notes under /var/lib/cni. The namespace has up0, the end of a wire, for plugins with a master or device.
Prints JSON: trial -> rc, code, msg, and what else was seen. Whether that is right is for others to say.
Runs on its own with a node's system Python: of this collection it imports nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

Document = dict[str, Any]
PYTHON, PATIENCE, TOGETHER = "/usr/bin/python3", 30.0, 240.0
AT_ONCE = 20
PRIVATE = ("/run/netns", "/var/lib/cni")
REQUIRED = ("CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME")
LONG = "waytoolonginterfacename"


class Answer(NamedTuple):
    rc: int
    out: str
    err: str

    @property
    def told(self) -> Document:
        """An error is JSON on either output; anything else has no code."""
        for text in (self.out, self.err):
            try:
                found = json.loads(text)
                return {"rc": self.rc, "code": int(found["code"]), "msg": str(found["msg"])}
            except (ValueError, KeyError, TypeError):
                continue
        return {"rc": self.rc, "code": 0, "msg": "" if self.rc == 0 else (self.err or self.out).strip()[-500:]}


async def execute(
    *argv: str, stdin: str = "", env: Optional[Mapping[str, str]] = None, patience: float = PATIENCE
) -> Answer:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=pipe, stdout=pipe, stderr=pipe, env={**os.environ, **(env or {})}
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin.encode()), patience)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
        return Answer(124, "", f"no answer for {patience:.0f} seconds")
    return Answer(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))


class Trials:
    def __init__(self, directories: str, document: Document) -> None:
        self.path, self.document = directories, document
        self.version = str(document.get("cniVersion", ""))
        self.told: Document = {}
        self.names = iter(range(1000))

    async def pod(self) -> str:
        name = f"trial{next(self.names)}"
        done = await execute("ip", "netns", "add", name)
        if done.rc != 0:
            raise OSError(f"no namespace can be made: {done.err.strip()}")
        return name

    def env(self, verb: str, name: str, ifname: str = "") -> dict[str, str]:
        first = self.document["plugins"][0]["type"]
        return {
            "CNI_COMMAND": verb,
            "CNI_CONTAINERID": name,
            "CNI_NETNS": f"/run/netns/{name}",
            "CNI_IFNAME": ifname or ("lo" if first == "loopback" else "eth0"),
            "CNI_PATH": self.path,
        }

    async def plugin(self, plugin: Document, env: Mapping[str, str], previous: Any = None, **keys: Any) -> Answer:
        found = [f"{one}/{plugin['type']}" for one in self.path.split(":")]
        program = next((path for path in found if os.access(path, os.X_OK)), "")
        if not program:
            return Answer(127, "", f"{plugin['type']} is in none of {self.path}")
        config = {**plugin, "name": self.document["name"], "cniVersion": self.version, **keys}
        config.pop("capabilities", None)
        if previous is not None:
            config["prevResult"] = previous
        return await execute(program, stdin=json.dumps(config), env=env)

    async def chain(self, verb: str, name: str, result: Any = None, **other: str) -> tuple[Answer, Any]:
        """The answer of the last plugin that was called, and of an ADD the result."""
        plugins = self.document["plugins"]
        answer = Answer(0, "", "")
        for plugin in reversed(plugins) if verb == "DEL" else plugins:
            answer = await self.plugin(plugin, {**self.env(verb, name), **other}, result)
            if answer.rc != 0:
                return answer._replace(err=answer.err or f"{plugin['type']} failed"), None
            if verb == "ADD":
                result = json.loads(answer.out)
        return answer, result

    async def note(self, trial: str, verb: str, name: str, result: Any = None, **seen: Any) -> Any:
        answer, found = await self.chain(verb, name, result)
        self.told[trial] = {**answer.told, **seen}
        return found

    async def links(self, name: str) -> list[str]:
        where = ("ip", "-n", name) if name else ("ip",)
        listed = json.loads((await execute(*where, "-json", "link")).out or "[]")
        return [one["ifname"] for one in listed if one["ifname"] != "lo"]

    async def life(self) -> bool:
        """One container from its ADD to its second DEL. False: nothing can be added here."""
        before, name = await self.links(""), await self.pod()
        result = await self.note("add", "ADD", name)
        if result is None:
            return False
        self.told["add"]["version"] = result.get("cniVersion", "")
        self.told["add"]["addresses"] = [one.get("address") for one in result.get("ips", [])]
        await self.note("check", "CHECK", name, result)
        again = await self.chain("ADD", name)
        self.told["add_twice"] = again[0].told
        await self.note("check_after_add_twice", "CHECK", name, result)
        ifname = self.env("", name)["CNI_IFNAME"]
        await execute("ip", "-n", name, "addr", "flush", "dev", ifname)
        await self.note("check_tampered", "CHECK", name, result)
        await self.note("del", "DEL", name, result)
        self.told["del"]["left"] = [one for one in await self.links(name) if one == ifname]
        await self.note("del_twice", "DEL", name, result)
        stay = {*before, *(str(plugin.get("bridge", "cni0")) for plugin in self.document["plugins"])}
        self.told["del"]["left"] += [one for one in await self.links("") if one not in stay]
        return True

    async def gone(self) -> None:
        name = await self.pod()
        dummy, result = await self.chain("ADD", name)
        await execute("ip", "netns", "delete", name)
        await self.note("del_without_namespace", "DEL", name, result)
        self.told["add_without_namespace"] = (await self.chain("ADD", "trial-nowhere"))[0].told
        await self.chain("DEL", "trial-nowhere")

    async def parallel(self) -> None:
        names = [await self.pod() for dummy in range(AT_ONCE)]
        answers = await asyncio.gather(*(self.chain("ADD", name) for name in names))
        addresses = [one["address"] for dummy, result in answers if result for one in result.get("ips", [])]
        failed = [answer.told for answer, result in answers if result is None]
        seen = {"addresses": addresses, "failed": len(failed)}
        self.told["parallel"] = {**(failed[0] if failed else Answer(0, "", "").told), **seen}
        await asyncio.gather(*(self.chain("DEL", name, result) for name, (dummy, result) in zip(names, answers)))

    async def errors(self) -> None:
        """Of the first plugin of the list, as none is reached behind it."""
        first, name = self.document["plugins"][0], "trial-errors"
        env = self.env("ADD", name)
        for variable in REQUIRED:
            lacking = {**env, variable: ""}
            self.told[f"without_{variable}"] = (await self.plugin(first, lacking)).told
        self.told["version_unknown"] = (await self.plugin(first, env, cniVersion="9.9.9")).told
        self.told["container_invalid"] = (await self.plugin(first, {**env, "CNI_CONTAINERID": "bad id!"})).told
        self.told["ifname_invalid"] = (await self.plugin(first, {**env, "CNI_IFNAME": LONG})).told
        answer = await self.plugin(first, {**env, "CNI_COMMAND": "VERSION"})
        versions = json.loads(answer.out).get("supportedVersions", []) if answer.rc == 0 else []
        self.told["version"] = {**answer.told, "versions": versions}

    async def claimed(self) -> None:
        """What begins with 1.1.0."""
        for plugin in self.document["plugins"]:
            status = await self.plugin(plugin, {"CNI_COMMAND": "STATUS", "CNI_PATH": self.path})
            kept: Document = {"cni.dev/valid-attachments": []}
            swept = await self.plugin(plugin, {"CNI_COMMAND": "GC", "CNI_PATH": self.path}, **kept)
            for trial, answer in (("status", status), ("gc", swept)):
                if trial not in self.told or answer.rc != 0:
                    self.told[trial] = answer.told

    async def run(self) -> Document:
        await self.errors()
        if await self.life():
            await self.gone()
            await self.parallel()
        if self.version >= "1.1.0":
            await self.claimed()
        return self.told


async def done(*argv: str) -> None:
    """Without a place of their own, plugins would be tried in that of the node."""
    answer = await execute(*argv)
    if answer.rc != 0:
        raise OSError(f"{' '.join(argv)}: {answer.err.strip()}")


async def inside(directories: str, text: str) -> int:
    for path in PRIVATE:
        os.makedirs(path, exist_ok=True)
        await done("mount", "-t", "tmpfs", "tmpfs", path)
    for words in ("set lo up", "add up0 type veth peer name up1", "set up0 up", "set up1 up"):
        await done("ip", "link", *words.split())
    with open("/proc/sys/net/ipv4/ip_forward", "w", encoding="ascii") as stream:
        stream.write("1")
    sys.stdout.write(json.dumps(await Trials(directories, json.loads(text)).run()))
    return 0


def own_source() -> str:
    """A file, or a word of the command that runs it."""
    if "__file__" in globals():
        with open(__file__, encoding="utf-8") as stream:
            return stream.read()
    with open("/proc/self/cmdline", encoding="utf-8") as stream:
        words = stream.read().split("\0")
    return words[words.index("-c") + 1]


async def apart(*words: str) -> int:
    own = ("unshare", "--net", "--mount", "--propagation", "private", PYTHON, "-I", "-c", own_source(), "inside")
    missing = [path for path in PRIVATE if not os.path.isdir(path)]
    answer = await execute(*own, *words, patience=TOGETHER)
    for path in filter(os.path.isdir, missing):
        os.rmdir(path)
    sys.stdout.write(answer.out)
    sys.stderr.write(answer.err)
    return answer.rc


def main(*words: str) -> int:
    return asyncio.run(inside(*words[1:]) if words[0] == "inside" else apart(*words))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
