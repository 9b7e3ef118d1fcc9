"""A cluster in memory whose pvesm keeps a storage.cfg, writes it in random order and stores secrets where PVE does."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Optional

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.baremetal.virt.plugins.module_utils.engine.plan import Plan, RemoveFile, Run, Step
from ansible_collections.baremetal.virt.plugins.module_utils.engine.subject import make_plan
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.section_config import parse_sections
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.cfg import PATH
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.storage import secret_path
from ansible_collections.baremetal.virt.plugins.module_utils.model.storage.types import TYPES
from ansible_collections.baremetal.virt.plugins.modules.storage import SUBJECT

from ....doubles.support import FakeNode, transcript

MEMBERS = "/etc/pve/.members"
DIRECTORY = {"id": "d1", "type": "dir", "path": "/srv/d1", "content": ["iso", "backup"]}
SHARE = {"id": "share", "type": "nfs", "server": "10.10.2.11", "export": "/srv/share", "content": ["iso"]}
BACKUP = {"id": "pbs1", "type": "pbs", "server": "192.0.2.5", "datastore": "main", "username": "root@pam"}

#: What upstream keeps in hashes of Perl, and writes in any order.
HASHES = ("--content", "--nodes", "--content-dirs")


def params(*storages: dict[str, Any], nodes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Validated the way Ansible does it, so that defaults and types are the real ones."""
    given = {"storages": list(storages), "nodes": list(nodes)}
    result = ArgumentSpecValidator(dict(SUBJECT.argument_spec)).validate(given)
    assert not result.error_messages, result.error_messages
    return result.validated_parameters


def render_sections(sections: Mapping[str, Mapping[str, str]]) -> str:
    """As Proxmox VE writes the file."""
    blocks = []
    for name, options in sections.items():
        said = {key: value for key, value in options.items() if key != "type" and (value or key == "disable")}
        lines = [f"\t{key} {value}".rstrip(" ") + "\n" for key, value in said.items()]
        blocks.append(f"{options['type']}: {name}\n{''.join(lines)}\n")
    return "".join(blocks)


class Cluster(FakeNode):
    """A member of a cluster of three nodes; ``act`` knows pvesm."""

    def __init__(self, config: Optional[str] = None, members: Optional[str] = None) -> None:
        super().__init__()
        self.files[MEMBERS] = transcript("063-3node-members").stdout if members is None else members
        if config is not None:
            self.files[PATH] = config

    def act(self, step: Step) -> None:
        if isinstance(step.action, Run):
            self._pvesm(step.action)
            self.performed.append(step)
        else:
            assert isinstance(step.action, RemoveFile)
            super().act(step)

    def _digest(self, argument: tuple[str, ...]) -> Optional[str]:
        text = self.files.get(argument[0])
        return None if text is None else hashlib.sha256(text.encode()).hexdigest()

    def _pvesm(self, action: Run) -> None:
        program, verb, *words = action.argv
        assert program == "pvesm"
        sections = parse_sections(self.files.get(PATH, ""))
        if verb == "add":
            kind, name, *options = words
            assert name not in sections
            sections[name] = {"type": kind}
            if TYPES[kind].mounted:
                sections[name]["path"] = f"/mnt/pve/{name}"
            self._set(sections, name, options, action.stdin)
        elif verb == "set":
            if words[0] == "local":  # which is there also while nothing says so
                sections.setdefault("local", {"type": "dir", "path": "/var/lib/vz"})
            self._set(sections, words[0], words[1:], action.stdin)
        else:
            assert verb == "remove"
            kind = sections.pop(words[0])["type"]
            for secret in TYPES[kind].secrets:
                self.files.pop(secret_path(words[0], kind, secret), None)
        self.files[PATH] = render_sections(sections)

    def _set(self, sections: dict[str, dict[str, str]], name: str, words: list[str], stdin: Optional[str]) -> None:
        section = sections[name]
        while words:
            key, *words = words
            if key == "--password":
                self._store(name, section, "password", stdin)
                continue
            value, *words = words
            if key == "--delete":
                for dropped in value.split(","):
                    del section[dropped]
            elif key[2:] in TYPES[section["type"]].secrets:
                self._store(name, section, key[2:], stdin if value == "/dev/stdin" else '{"made": "here"}')
            else:
                words_of = value.split(",")
                section[key[2:]] = ",".join(reversed(words_of) if key in HASHES else words_of)

    def _store(self, name: str, section: dict[str, str], secret: str, value: Optional[str]) -> None:
        assert value
        prefix = "password=" if section["type"] == "cifs" else ""
        self.files[secret_path(name, section["type"], secret)] = f"{prefix}{value.rstrip()}\n"


def plan_of(node: FakeNode, *storages: dict[str, Any], nodes: tuple[str, ...] = ()) -> Plan:
    plan = make_plan(SUBJECT, params(*storages, nodes=nodes), node)
    ids = [step.id for step in plan.steps]
    assert "" not in ids and len(set(ids)) == len(ids), ids
    return plan


def commands(plan: Plan) -> list[str]:
    """The pvesm commands of a plan that is not refused."""
    assert not plan.refusals, [str(refusal) for refusal in plan.refusals]
    return [" ".join(step.action.argv[1:]) for step in plan.steps if isinstance(step.action, Run)]


def converged(*storages: dict[str, Any]) -> Cluster:
    """A cluster on which a first run has defined these storages."""
    node = Cluster()
    for step in plan_of(node, *storages).steps:
        node.act(step)
    assert not plan_of(node, *storages).steps
    return node


def on_real_node() -> Cluster:
    """The storage.cfg that a real cluster wrote."""
    return Cluster(transcript("194-storage-cfg").stdout)
