# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of lists: written where they can work, as the runtime notices it, and proved by what it has loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...engine.condition import Condition
from ...engine.plan import Download, MakeDirectory, Plan, Refusal, RemoveFile, Run, Step, Wait, WriteFile
from ...engine.reader import program
from ...model.cni.conflist import ConfFile, Conflist
from ...model.cni.network import DesiredCni
from ...model.cni.node import PACKAGE, CniNode, Program
from ...model.cni.winner import RUNTIMES, Chosen, chosen
from ...model.debian.apt import install
from .faults import bridge_fault, lists_meet, on_node, program_faults, sentences, spoken
from .leftovers import RUNTIME


def decide(desired: DesiredCni, observed: CniNode) -> Plan:
    steps = tuple(_steps(desired, observed))
    faults = list(_faults(desired, observed))
    stops = [words for told, words in faults if not told]
    wins = {runtime: told_chosen(_chosen(desired, observed, runtime)) for runtime in RUNTIMES}
    return Plan(
        steps=steps,
        refusals=tuple(Refusal(words) for words in stops) if steps else (),
        warnings=tuple([words for told, words in faults if told or not steps] + list(_told(desired, observed))),
        before={name: one.conflist.document for name, one in observed.files.items() if one.conflist},
        after={name: one.document for name, one in desired.lists.items()},
        possible=tuple(_notice(desired, name) for name in desired.lists) if observed.runtime else (),
        tells={"wins": wins},
    )


@dataclass(frozen=True)
class KnowLists:
    """What is missing of plugins that have come: what they tell of themselves → sentences."""

    lists: tuple[Conflist, ...]

    def __call__(self, told: Mapping[str, Any]) -> list[str]:
        programs = {kind: Program(one["path"], tuple(one["versions"])) for kind, one in told.items()}
        faults = (program_faults(one, kind, programs.get(kind)) for one in self.lists for kind in one.types)
        return [fault.text for several in faults for fault in several]


def _coming(desired: DesiredCni, observed: CniNode) -> bool:
    return bool(desired.package and not observed.packaged) or bool(desired.archive and not observed.unpacked)


def _asked(desired: DesiredCni) -> Step:
    """Before a list is written: what has come may lack a plugin, or know older versions only."""
    question = program(RUNTIME, "versions", ":".join(desired.bin_dirs), *desired.types)
    know = Condition(question, (), "passes", KnowLists(tuple(desired.lists.values())), "plugins that know the lists")
    return Step("ask the plugins whether they know the lists", Wait((know,), 2, 1), "plugins.ask", "packages")


def _steps(desired: DesiredCni, observed: CniNode) -> Iterator[Step]:
    yield from _plugins(desired, observed)
    if desired.lists and _coming(desired, observed):
        yield _asked(desired)
    for bridge in _removable(desired, observed):
        yield Step(
            f"remove the bridge {bridge}, to which nothing is attached",
            Run(("ip", "link", "delete", bridge)),
            f"bridge.remove:{bridge}",
            "network",
        )
    writes = [name for name in desired.lists if not _is_there(desired, observed, name)]
    if writes and not observed.files:
        yield Step(
            f"make the directory {desired.conf_dir}",
            MakeDirectory(desired.conf_dir),
            f"directory.make:{desired.conf_dir}",
            "file",
        )
    for name in writes:
        path = f"{desired.conf_dir}/{name}"
        yield Step(f"write {path}", _written(desired, name), f"file.write:{path}", "file")
    for name in desired.absent:
        path = f"{desired.conf_dir}/{name}"
        if name in observed.files:
            yield Step(f"remove {path}", RemoveFile(path), f"file.remove:{path}", "file")
    if not writes:
        yield from (_notice(desired, name) for name in _unnoticed(desired, observed))


def _plugins(desired: DesiredCni, observed: CniNode) -> Iterator[Step]:
    if desired.package and not observed.packaged:
        yield Step("install the plugins", install(PACKAGE), f"package.install:{PACKAGE}", "packages")
    archive = desired.archive
    if archive is None or observed.unpacked:
        return
    folder = desired.bin_dirs[0]
    fetch = Download(archive.url, archive.path, archive.sha256, proxy=archive.proxy)
    yield Step(f"fetch {archive.url}", fetch, f"file.fetch:{archive.path}", "packages")
    yield Step(f"make the directory {folder}", MakeDirectory(folder), f"directory.make:{folder}", "file")
    unpack = ("tar", "--extract", "--gzip", f"--file={archive.path}", f"--directory={folder}", "--unlink-first")
    yield Step(f"unpack the plugins into {folder}", Run(unpack), f"archive.unpack:{folder}", "packages")


def _written(desired: DesiredCni, name: str) -> WriteFile:
    """The draft lies in the same directory: containerd does not notice a file that is moved in from another one."""
    return WriteFile(f"{desired.conf_dir}/{name}", json.dumps(desired.lists[name].document, indent=2) + "\n")


def _notice(desired: DesiredCni, name: str) -> Step:
    path = f"{desired.conf_dir}/{name}"
    return Step(
        f"write {path} anew, as the runtime has not loaded it",
        _written(desired, name),
        f"file.notice:{path}",
        "file",
        grace=5,
        hint="The log of the runtime tells why. containerd no longer looks once the directory itself was removed.",
    )


def _is_there(desired: DesiredCni, observed: CniNode, name: str) -> bool:
    """However it is spelt: JSON says the same with other spaces and another order."""
    found = observed.files.get(name)
    return bool(found and found.conflist and found.conflist.document == desired.lists[name].document)


def _chosen(desired: DesiredCni, observed: CniNode, runtime: Any) -> Chosen:
    """Of the files that will be there."""
    wanted = {name: ConfFile(name, one) for name, one in desired.lists.items()}
    files = {name: one for name, one in {**observed.files, **wanted}.items() if name not in desired.absent}
    network = next((one.name for one in desired.lists.values()), "")
    return chosen(runtime, list(files.values()), network, desired.max_conf_num)


def told_chosen(found: Chosen) -> dict[str, Any]:
    return {"files": list(found.files), "stopped_by": found.stopped_by}


def _unnoticed(desired: DesiredCni, observed: CniNode) -> list[str]:
    """Files that the runtime would take, and has not: its answer names the networks."""
    loaded = observed.runtime.networks if observed.runtime else None
    if loaded is None or desired.runtime != "containerd":
        return []
    taken = _chosen(desired, observed, desired.runtime).files
    return [name for name in taken if name in desired.lists and desired.lists[name].name not in loaded]


def _removable(desired: DesiredCni, observed: CniNode) -> list[str]:
    """Bridges of a former cluster that may be removed, and that nothing is attached to."""
    used = {link.master for link in observed.links.values()}
    faulty = [
        bridge
        for bridge in desired.bridges_removed
        if any(bridge_fault(one, bridge, observed) for one in desired.lists.values())
    ]
    return [bridge for bridge in faulty if bridge not in used]


def _faults(desired: DesiredCni, observed: CniNode) -> Iterator[tuple[bool, str]]:
    """Whether it is only told, and the sentence. What this run installs or removes is no fault any more."""
    coming = _coming(desired, observed)
    gone = _removable(desired, observed)
    for name, conflist in desired.lists.items():
        found = [*(one for one in spoken(conflist, desired.around) if one.told)]
        found += on_node(conflist, observed, desired.around)
        for fault in found:
            settled = coming and fault.topic in ("plugin_missing", "version_unknown_to_plugin")
            removed = fault.topic == "bridge_has_other_address" and any(f"bridge {one} " in fault.text for one in gone)
            if not settled and not removed:
                yield fault.told, sentences([fault], name)[0]
    yield from ((False, words) for words in _with_others(desired, observed))


def _with_others(desired: DesiredCni, observed: CniNode) -> Iterator[str]:
    stay = {name: one.conflist for name, one in observed.files.items() if one.conflist and name not in desired.absent}
    for name, other, fault in lists_meet({**stay, **desired.lists}):
        if name in desired.lists or other in desired.lists:
            yield sentences([fault], name)[0]


def _told(desired: DesiredCni, observed: CniNode) -> Iterator[str]:
    """Which file wins, where it is not ours, and plugins that say themselves that they cannot work now."""
    found = _chosen(desired, observed, desired.runtime)
    if found.stopped_by:
        why = observed.files[found.stopped_by].reason if found.stopped_by in observed.files else ""
        yield f"{found.stopped_by} does not load ({why}), and {desired.runtime} has no network at all because of it."
    elif desired.lists and not set(found.files) & set(desired.lists):
        yield f"{desired.runtime} takes {' and '.join(found.files) or 'no file'}, which comes before yours."
    for plugin, words in observed.not_ready.items():
        yield f"{plugin} cannot add anything now: {words}."
    yield from _strays(desired, observed)


def _strays(desired: DesiredCni, observed: CniNode) -> Sequence[str]:
    """libcni 1.3 appends what lies in a directory named like the network."""
    return [
        f"{desired.conf_dir}/{one.name} holds {', '.join(found)}: libcni from 1.3 on appends them to the list."
        for one in desired.lists.values()
        for found in (observed.appended.get(one.name, ()),)
        if found and one.document.get("loadOnlyInlinedPlugins") is not True
    ]
