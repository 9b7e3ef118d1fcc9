# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted storages; what Proxmox VE would not accept is invalid before anything happens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.node.paths import canonical_path
from ...model.storage.cfg import canonical
from ...model.storage.entry import ID, LOCAL, LOCAL_PATH, PLAIN_PATH
from ...model.storage.formats import takes
from ...model.storage.options import BY_PARAMETER, OPTIONS, Option
from ...model.storage.storage import AUTOGEN, DesiredStorage, DesiredStorages, Secret, secret_path
from ...model.storage.types import TYPES, StorageType
from ...model.storage.values import as_text


def desired_from(params: Mapping[str, Any]) -> DesiredStorages:
    storages = tuple(_storage(definition) for definition in params["storages"])
    names = [storage.id for storage in storages]
    for name in names:
        if names.count(name) > 1:
            raise Invalid(f"The storage {name} is listed twice.", "Names of storages are unique in a cluster.")
    return DesiredStorages(storages, frozenset(params.get("nodes") or ()))


def _storage(definition: Mapping[str, Any]) -> DesiredStorage:
    name, kind = definition["id"], definition["type"]
    if not ID.fullmatch(name):
        raise Invalid(
            f"{name!r} is not a name for a storage.",
            "Two or more letters, digits, '-', '_' and '.', beginning with a letter and ending with a letter or digit.",
        )
    given = {
        BY_PARAMETER[key].name: value for key, value in definition.items() if key in BY_PARAMETER and value is not None
    }
    known = TYPES[kind]
    kept_apart = sorted(set(known.secrets) & set(given))
    secrets = tuple(Secret(key, secret_path(name, kind, key), str(given.pop(key))) for key in kept_apart)
    absent = definition["state"] == "absent"
    if not absent:
        _check(name, kind, known, given)
        _check_secrets(name, secrets)
    texts = {key: as_text(value) for key, value in given.items()}
    return DesiredStorage(
        name,
        kind,
        canonical(texts),
        frozenset(texts),
        secrets,
        absent=absent,
        recreate=definition["recreate"],
        discard_key=definition["discard_encryption_key"],
    )


def _check(name: str, kind: str, known: StorageType, given: Mapping[str, Any]) -> None:
    foreign = sorted(set(given) - known.options)
    if foreign:
        raise Invalid(
            f"Storage {name}: the type {kind} has no option {', '.join(foreign)}.",
            f"It takes {', '.join(sorted({*known.options, *known.secrets}))}.",
        )
    missing = sorted(key for key in known.required if not given.get(key))
    if missing:
        raise Invalid(f"Storage {name}: the type {kind} needs {', '.join(missing)}.")
    if name == LOCAL:
        _check_local(kind, given)
    _check_content(name, kind, known, given)
    if "format" in given and given["format"] not in known.formats:
        hint = f"It has {', '.join(sorted(known.formats)) or 'none to choose from'}."
        raise Invalid(f"Storage {name}: the type {kind} has no images of the format {given['format']}.", hint)
    for key, value in given.items():
        if value != "":  # as good as not given
            _check_value(name, OPTIONS[key], as_text(value))
    if known.plain_path and not PLAIN_PATH.fullmatch(given["path"]):
        hint = "Proxmox VE takes letters, digits, '-', '_', '.', '@' and '/' there."
        raise Invalid(f"Storage {name}: {given['path']!r} is not a path for the type {kind}.", hint)


def _check_local(kind: str, given: Mapping[str, Any]) -> None:
    if kind != "dir" or canonical_path(given["path"]) != LOCAL_PATH or given.get("nodes"):
        raise Invalid(
            f"The storage {LOCAL} is the directory {LOCAL_PATH} of every node; Proxmox VE reads nothing else of it.",
            f"Give it the type dir, the path {LOCAL_PATH} and no nodes, or take another id.",
        )


def _check_value(name: str, option: Option, text: str) -> None:
    if re.search(r"[\x00-\x1f\x7f]", text):
        hint = "Each option is one line of text."
        raise Invalid(f"Storage {name}: {option.name} contains a control character.", hint)
    if option.kind == "path" and not text.startswith("/"):
        raise Invalid(f"Storage {name}: {option.name} {text!r} is not an absolute path.")
    if not takes(option, text):
        raise Invalid(f"Storage {name}: Proxmox VE does not take {text!r} for {option.name}.")


def _check_content(name: str, kind: str, known: StorageType, given: Mapping[str, Any]) -> None:
    content = given.get("content")
    if content is None:
        return
    wrong = sorted(set(content) - known.contents)
    if wrong:
        allowed = ", ".join(sorted(known.contents))
        raise Invalid(f"Storage {name}: the type {kind} cannot hold {', '.join(wrong)}.", f"It can hold {allowed}.")
    if not content or "none" in content and len(content) > 1:
        hint = "Name what the storage may hold, or [none] if only other storages are built on it."
        raise Invalid(f"Storage {name}: the list of contents is empty or contradicts itself.", hint)


def _check_secrets(name: str, secrets: tuple[Secret, ...]) -> None:
    given = {secret.name: secret.value for secret in secrets}
    for secret, value in given.items():
        if not value.strip():
            raise Invalid(f"Storage {name}: the {secret} is empty.", "Leave the option out to keep what is stored.")
    if "\n" in given.get("password", ""):
        raise Invalid(f"Storage {name}: the password has more than one line.")
    if given.get("encryption-key", AUTOGEN) != AUTOGEN and not given["encryption-key"].lstrip().startswith("{"):
        raise Invalid(
            f"Storage {name}: the encryption key is neither 'autogen' nor a key file of the backup client (JSON).",
            "Make one with `proxmox-backup-client key create --kdf none FILE`, and give the content of FILE.",
        )
