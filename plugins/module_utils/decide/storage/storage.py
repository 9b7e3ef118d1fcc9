# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decide how the listed storages become as wanted; storages that are not listed are never touched.

Secrets reach pvesm on its standard input: ``--password`` without a value asks there, the others are read from the file
that is named, here ``/dev/stdin``. One command has one input, so further secrets follow with commands of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...engine.plan import Plan, RemoveFile, Run, Step
from ...model.cluster.locks import LOCK_BUSY
from ...model.storage.cfg import Options, Value, shown
from ...model.storage.entry import StorageEntry
from ...model.storage.options import KEPT
from ...model.storage.storage import (
    AUTOGEN,
    KEY,
    DesiredStorage,
    DesiredStorages,
    ObservedStorages,
    Secret,
    secret_path,
)
from ...model.storage.types import TYPES
from .cures import CURES
from .fixed import differing_fixed
from .refusals import refuse_storages
from .warnings import warn_of_storages


def decide(desired: DesiredStorages, observed: ObservedStorages) -> Plan:
    entries = observed.entries
    gone = [storage for storage in desired.storages if storage.absent and storage.id in entries]
    gone.sort(key=lambda storage: "base" not in entries[storage.id].options)  # a base comes first and goes last
    wanted = [storage for storage in desired.storages if not storage.absent]
    wanted.sort(key=lambda storage: "base" in storage.options)
    steps = (
        *(step for storage in gone for step in _remove(storage)),
        *(step for storage in wanted for step in _present(storage, entries.get(storage.id), observed.digests)),
    )
    return Plan(
        steps=steps,
        refusals=refuse_storages(desired, observed, changing=bool(steps)),
        warnings=warn_of_storages(desired, observed),
        before=_document(desired, entries),
        after={
            storage.id: {"type": storage.type, **_shown(_expected(storage, entries.get(storage.id)))}
            for storage in wanted
        },
    )


def _present(
    storage: DesiredStorage, entry: Optional[StorageEntry], digests: Mapping[str, Optional[str]]
) -> tuple[Step, ...]:
    if entry is None:
        return (*_left_over(storage, digests), *_add(storage))
    if differing_fixed(storage, entry):
        return (*_remove(storage), *_add(storage))
    return (*_update(storage, entry), *_secrets(storage, digests))


def _add(storage: DesiredStorage) -> tuple[Step, ...]:
    """The secret that the storage needs to be reached goes with the entry itself, keys for its content follow."""
    access = [secret for secret in storage.secrets if secret.name in ("password", "keyring")]
    argv, stdin = _handed(access[0]) if access else ((), None)
    options = tuple(word for key in sorted(storage.options) for word in (f"--{key}", shown(storage.options[key])))
    where = f" on {shown(storage.options['nodes'])}" if "nodes" in storage.options else ""
    content = f" for {shown(storage.options['content'])}" if "content" in storage.options else ""
    step = _pvesm(
        "storage.add",
        storage,
        f"add the storage {storage.id} ({storage.type}{content}){where}",
        ("add", storage.type, storage.id, *options, *argv),
        stdin,
        cures=CURES.get(storage.type, ()),
    )
    return (step, *(_hand_over(storage, secret) for secret in storage.secrets if secret not in access))


def _left_over(storage: DesiredStorage, digests: Mapping[str, Optional[str]]) -> tuple[Step, ...]:
    """A copy of the cluster's own Ceph key without its storage: an interrupted `pvesm add` left it, and refuses it."""
    if "keyring" not in TYPES[storage.type].secrets or "monhost" in storage.options:
        return ()
    path = secret_path(storage.id, storage.type, "keyring")
    if digests.get(path) is None:
        return ()
    why = f"remove {path}, left over by an interrupted run"
    return (Step(why, RemoveFile(path), id=f"file.remove:{path}", topic="storage"),)


def _update(storage: DesiredStorage, entry: StorageEntry) -> tuple[Step, ...]:
    wanted = _expected(storage, entry)
    changed = {key: value for key, value in wanted.items() if entry.options.get(key) != value}
    known = TYPES[storage.type]
    dropped = sorted(key for key in entry.options if key not in wanted and key in known.options - known.fixed)
    if not changed and not dropped:
        return ()
    words = tuple(word for key in sorted(changed) for word in (f"--{key}", shown(changed[key])))
    delete = ("--delete", ",".join(dropped)) if dropped else ()
    changes = [f"{key} {shown(changed[key])}" for key in sorted(changed)] + [f"no {key}" for key in dropped]
    why = f"change the storage {storage.id}: {', '.join(changes)}"
    return (_pvesm("storage.set", storage, why, ("set", storage.id, *words, *delete)),)


def _expected(storage: DesiredStorage, entry: Optional[StorageEntry]) -> Options:
    """What the entry should hold: what was given, and what is kept or fixed and was not mentioned."""
    if entry is None or entry.type != storage.type:
        return storage.options
    silent = (KEPT | TYPES[storage.type].fixed) - storage.given
    return {**{key: value for key, value in entry.options.items() if key in silent}, **storage.options}


def _secrets(storage: DesiredStorage, digests: Mapping[str, Optional[str]]) -> tuple[Step, ...]:
    return tuple(_hand_over(storage, secret) for secret in storage.secrets if not _is_stored(secret, digests))


def _is_stored(secret: Secret, digests: Mapping[str, Optional[str]]) -> bool:
    found = digests.get(secret.path)
    if secret.value == AUTOGEN and secret.name == KEY:
        return found is not None  # a key that exists is never made anew: old backups need it
    return found in secret.digests


def _hand_over(storage: DesiredStorage, secret: Secret) -> Step:
    argv, stdin = _handed(secret)
    why = f"store the {secret.name} of the storage {storage.id}"
    return _pvesm(f"{secret.name}.store", storage, why, ("set", storage.id, *argv), stdin)


def _handed(secret: Secret) -> tuple[tuple[str, ...], Optional[str]]:
    """Arguments and standard input that give a secret to pvesm."""
    if secret.name == "password":
        return ("--password",), f"{secret.value}\n"
    if secret.value == AUTOGEN:
        return (f"--{secret.name}", AUTOGEN), None
    return (f"--{secret.name}", "/dev/stdin"), secret.value.rstrip("\n") + "\n"


def _remove(storage: DesiredStorage) -> tuple[Step, ...]:
    why = f"remove the entry of the storage {storage.id} (its data stay)"
    return (_pvesm("storage.remove", storage, why, ("remove", storage.id), destructive=True),)


def _pvesm(
    verb: str,
    storage: DesiredStorage,
    why: str,
    arguments: tuple[str, ...],
    stdin: Optional[str] = None,
    destructive: bool = False,
    cures: tuple[tuple[str, str], ...] = (),
) -> Step:
    action = Run(("pvesm", *arguments), stdin=stdin, timeout=120, retry_on=LOCK_BUSY, cures=cures)
    return Step(why, action, id=f"{verb}:{storage.id}", topic="storage", destructive=destructive)


def _document(desired: DesiredStorages, entries: Mapping[str, StorageEntry]) -> dict[str, Any]:
    found = {storage.id: entries[storage.id] for storage in desired.storages if storage.id in entries}
    return {name: {"type": entry.type, **_shown(entry.options)} for name, entry in found.items()}


def _shown(options: Mapping[str, Value]) -> dict[str, str]:
    return {key: shown(options[key]) for key in sorted(options)}
