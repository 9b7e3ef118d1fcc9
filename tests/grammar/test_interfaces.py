"""/etc/network/interfaces: ifupdown's ifquery and ifupdown2's parser read a tree of files as we do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ansible_collections.baremetal.virt.plugins.module_utils.model.network.reading import Files, Reading, read
from ansible_collections.baremetal.virt.plugins.module_utils.model.network.statements import (
    Class,
    Stanza,
    Stray,
)
from hypothesis import given

from .interfaces_files import trees
from .sandbox import Sandbox
from .tally import agreed, enough

FOLDER = "/tmp/network"
#: A line in: the files. The names that are asked for follow. A line out: what ifquery prints for each, and its lists.
IFQUERY = """
import glob, json, os, shutil, subprocess, sys
os.makedirs("/run/network", exist_ok=True)
main = "FOLDER/interfaces"
(program,) = [*glob.glob("/opt/ifupdown/sbin/ifquery"), *glob.glob("/opt/ifupdown/usr/sbin/ifquery")]
def ask(*words):
    done = subprocess.run([program, "-i", main, *words], capture_output=True)
    return [part.decode("utf-8", "surrogateescape") for part in (done.stdout, done.stderr)]
for line in sys.stdin:
    files, *names = json.loads(line)
    shutil.rmtree("FOLDER", ignore_errors=True)
    for name, text in json.loads(files).items():
        os.makedirs(os.path.dirname("FOLDER/" + name), exist_ok=True)
        with open("FOLDER/" + name, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    lists = [ask("--list", "--allow=" + kind) for kind in ("auto", "hotplug")]
    print(json.dumps([[ask("--", name) for name in names], lists]))
""".replace("FOLDER", FOLDER)
#: A line in: the files. A line out: what ifupdown2's parser finds, in its order, its errors, and whether it died.
IFUPDOWN2 = """
import json, logging, os, shutil, sys
sys.path.insert(0, "/opt/ifupdown2/usr/share/ifupdown2")
from ifupdown import networkinterfaces
logging.disable(logging.CRITICAL)
listed = networkinterfaces.glob.glob
networkinterfaces.glob.glob = lambda pattern: sorted(listed(pattern))
for line in sys.stdin:
    (files,) = json.loads(line)
    shutil.rmtree("FOLDER", ignore_errors=True)
    for name, text in json.loads(files).items():
        os.makedirs(os.path.dirname("FOLDER/" + name), exist_ok=True)
        with open("FOLDER/" + name, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
    os.chdir("FOLDER")
    found, parser = [], networkinterfaces.networkInterfaces("FOLDER/interfaces")
    parser.subscribe("iface_found", lambda one: found.append(
        [one.name, one.addr_family, one.addr_method, list(one.config.items()), bool(one.auto)]))
    died = ""
    try:
        parser.load()
    except Exception as error:
        died = repr(error)
    print(json.dumps([found, parser.errors, died]))
""".replace("FOLDER", FOLDER)
#: ifquery adds what a method needs to what is written; only these add nothing.
PLAIN = ("manual", "loopback")
HOOKS = ("pre-up", "up", "down", "post-down")


def placed(tree: dict[str, str]) -> Files:
    return {f"{FOLDER}/{name}": text for name, text in tree.items()}


def as_ifquery_prints(stanza: Stanza) -> Iterator[str]:
    """Lines of one name are one value; hooks stay several."""
    values: dict[str, str] = {}
    for number, option in enumerate(stanza.options):
        key = f"{number} {option.name}" if option.name in HOOKS else f" {option.name}"
        values[key] = f"{values[key]}\n{option.value}" if key in values else option.value
    for key, value in values.items():
        yield f"{key.partition(' ')[2]}: {value}\n"


def as_ifupdown2_keeps(stanza: Stanza) -> list[list[Any]]:
    """Lines of one name are a list; what belongs to an address stands at the place of that address."""
    kept: dict[str, list[str]] = {}
    for option in stanza.options:
        values = kept.setdefault(option.name, [])
        if option.name in ("scope", "netmask", "broadcast", "preferred-lifetime"):
            values += [""] * (len(kept.get("address", ())) - len(values) - 1)
        values.append(option.value)
    return [[name, values] for name, values in kept.items()]


def _left_out(ours: Reading) -> set[str]:
    """The loopback, which ifquery adds, and what it looks for under another name because of a rename line."""
    lines = [one.statement for one in ours.placed if isinstance(one.statement, Class)]
    words = [word for line in lines if line.name == "rename" for word in line.interfaces]
    return {"lo", *(name for word in words for name in word.split("="))}


def is_for_c(tree: dict[str, str]) -> bool:
    """A line that continues an empty one begins with white space: then the name of the option lies before its memory.

    And a pattern is for a shell, which we do not play.
    """
    ours = read(placed(tree), "ifupdown", f"{FOLDER}/interfaces")
    found = [one.statement for one in ours.placed]
    stanzas = [one for one in found if isinstance(one, Stanza)]
    return not any(isinstance(one, Stray) for one in found) and all(
        option.name for one in stanzas for option in one.options
    )


def test_ifupdown(sandbox: Sandbox) -> None:
    @given(trees().filter(is_for_c))
    def one(tree: dict[str, str]) -> None:
        ours = read(placed(tree), "ifupdown", f"{FOLDER}/interfaces")
        names = [name for name in ours.names if name not in _left_out(ours)]
        answers, lists = sandbox.ask(IFQUERY, json.dumps(tree), *names)
        said = "".join(error for dummy, error in (*answers, *lists))
        assert ours.broken == ("couldn't read interfaces file" in said), said
        if not ours.broken:
            _compare(ours, dict(zip(names, answers)), lists)
        agreed("interfaces of ifupdown", json.dumps(tree), "refused by both" if ours.broken else "read by both")

    def _compare(ours: Reading, answers: dict[str, list[str]], lists: list[list[str]]) -> None:
        for name, (printed, _said) in answers.items():
            stanzas = ours.stanzas(name)
            wanted = "".join(line for stanza in stanzas for line in as_ifquery_prints(stanza))
            if all(stanza.method in PLAIN for stanza in stanzas):
                assert printed == wanted
            else:
                assert [line for line in printed.split("\n") if line.startswith(("up: ", "down: "))] == [
                    line for line in wanted.split("\n") if line.startswith(("up: ", "down: "))
                ]
        for kind, (listed, _said) in zip(("auto", "hotplug"), lists):
            found = [one.statement for one in ours.placed if isinstance(one.statement, Class)]
            wanted_names = {name for one in found if one.name == kind for name in one.interfaces}
            assert set(listed.split()) - _left_out(ours) == (wanted_names & set(ours.names)) - _left_out(ours)

    one()
    enough("interfaces of ifupdown")


def test_ifupdown2(sandbox: Sandbox) -> None:
    @given(trees())
    def one(tree: dict[str, str]) -> None:
        ours = read(placed(tree), "ifupdown2-3.0", f"{FOLDER}/interfaces")
        found, errors, died = sandbox.ask(IFUPDOWN2, json.dumps(tree))
        assert ours.broken == bool(died), died
        wanted: list[Any] = []
        said: set[str] = set()
        for place in ours.placed:
            statement = place.statement
            if isinstance(statement, Class) and statement.name == "auto":
                said |= set(statement.interfaces)
            elif isinstance(statement, Stanza):
                families = [statement.family] if statement.family else []
                kept = as_ifupdown2_keeps(statement)
                automatic = bool(said & {statement.name, "all"})
                wanted.append([statement.name, families, statement.method or None, kept, automatic])
        if not died:
            assert found == wanted
            assert errors == len(ours.problems)
        agreed(
            "interfaces of ifupdown2", json.dumps(tree), "with errors for both" if errors or died else "read by both"
        )

    one()
    enough("interfaces of ifupdown2")
