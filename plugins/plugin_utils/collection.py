# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which collection this is, of those that Ansible may find: version, place, and a digest of all that makes plans."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Optional

from ansible.module_utils.common.yaml import yaml_load

COLLECTION = Path(__file__).resolve().parents[2]
#: A file that no other collection has.
_OWN = Path("plugins", "action", "run_begin.py")


def version(collection: Path = COLLECTION) -> str:
    """From the manifest of an installed collection, or from galaxy.yml in a checkout."""
    manifest = collection / "MANIFEST.json"
    if manifest.is_file():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    return str(yaml_load((collection / "galaxy.yml").read_text(encoding="utf-8"))["version"])


def source_digest(collection: Path = COLLECTION) -> str:
    digest = hashlib.sha256()
    for folder in ("plugins", "roles", "playbooks"):
        for path in sorted((collection / folder).rglob("*")):
            if path.suffix in (".py", ".yml"):
                digest.update(str(path.relative_to(collection)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def owner(playbook: Path) -> Optional[Path]:
    """The copy of this collection that a playbook lies in; None for one of the user's own, be it in a collection."""
    folder = playbook.resolve().parent.parent
    return folder if (folder / _OWN).is_file() else None


def others(paths: Iterable[str], collection: Path = COLLECTION) -> Iterator[Path]:
    """Where else in these collections paths the same collection lies; Ansible takes the first, and says nothing."""
    seen = {collection.resolve()}
    for path in paths:
        place = Path(path) / "ansible_collections" / "baremetal" / "virt"
        if place.is_dir() and place.resolve() not in seen:
            seen.add(place.resolve())
            yield place
