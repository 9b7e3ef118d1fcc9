# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module parameters → the wanted storages; what Proxmox VE would not accept is invalid before anything happens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...engine.errors import Invalid
from ...model.storage.cfg import canonical
from ...model.storage.storage import AUTOGEN, DesiredStorage, DesiredStorages, Secret, secret_path
from ...model.storage.types import PAIRS, TYPES, StorageType

_ID = re.compile(r"^[a-z][a-z0-9_.-]*[a-z0-9]$", re.IGNORECASE)
_CONTROL = ("id", "type", "state", "recreate", "discard_encryption_key")
_UNDERSCORED = frozenset(("is_mountpoint", "saferemove_throughput", "tagged_only"))


def desired_from(params: Mapping[str, Any]) -> DesiredStorages:
    storages = tuple(_storage(definition) for definition in params["storages"])
    names = [storage.id for storage in storages]
    for name in names:
        if names.count(name) > 1:
            raise Invalid(f"The storage {name} is listed twice.", "Names of storages are unique in a cluster.")
    return DesiredStorages(storages, frozenset(params.get("nodes") or ()))


def upstream_name(parameter: str) -> str:
    """The option of storage.cfg that a parameter stands for."""
    return parameter if parameter in _UNDERSCORED else parameter.replace("_", "-")


def parameter_name(option: str) -> str:
    """The parameter that stands for an option of storage.cfg."""
    return option.replace("-", "_")


def _storage(definition: Mapping[str, Any]) -> DesiredStorage:
    name, kind = definition["id"], definition["type"]
    if not _ID.match(name):
        raise Invalid(
            f"{name!r} is not a name for a storage.",
            "Two or more letters, digits, '-', '_' and '.', beginning with a letter and ending with a letter or digit.",
        )
    given = {
        upstream_name(key): value for key, value in definition.items() if key not in _CONTROL and value is not None
    }
    known = TYPES[kind]
    secrets = tuple(
        Secret(key, secret_path(name, kind, key), str(given.pop(key))) for key in sorted(known.secrets & set(given))
    )
    absent = definition["state"] == "absent"
    if not absent:
        _check(name, kind, known, given)
        _check_secrets(name, secrets)
    texts = {key: as_text(key, value) for key, value in given.items()}
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


def as_text(key: str, value: Any) -> str:
    """A parameter's value as storage.cfg has it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if key in PAIRS:
        pairs = {part.replace("_", "-"): number for part, number in value.items() if number is not None}
        return ",".join(f"{part}={as_text('', number)}" for part, number in sorted(pairs.items()))
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    return str(value)


def _check(name: str, kind: str, known: StorageType, given: Mapping[str, Any]) -> None:
    foreign = sorted(set(given) - known.options)
    if foreign:
        raise Invalid(
            f"Storage {name}: the type {kind} has no option {', '.join(foreign)}.",
            f"It takes {', '.join(sorted(known.options | known.secrets))}.",
        )
    missing = sorted(known.required - set(given))
    if missing:
        raise Invalid(f"Storage {name}: the type {kind} needs {', '.join(missing)}.")
    _check_content(name, kind, known, given)
    for key, value in given.items():
        if re.search(r"[\x00-\x1f\x7f]", as_text(key, value)):
            raise Invalid(f"Storage {name}: {key} contains a control character.", "Each option is one line of text.")
        if key in ("path", "export", "mountpoint") and not str(value).startswith("/"):
            raise Invalid(f"Storage {name}: {key} {value!r} is not an absolute path.")


def _check_content(name: str, kind: str, known: StorageType, given: Mapping[str, Any]) -> None:
    content = given.get("content")
    if content is None:
        return
    wrong = sorted(set(content) - known.contents)
    if wrong:
        allowed = ", ".join(sorted(known.contents))
        raise Invalid(f"Storage {name}: the type {kind} cannot hold {', '.join(wrong)}.", f"It can hold {allowed}.")
    if not content or "none" in content and len(content) > 1:
        hint = "Name what the storage may hold, or [none] for a storage that only others are built on."
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
