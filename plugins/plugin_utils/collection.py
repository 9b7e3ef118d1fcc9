# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which collection this is: its version, and a digest of all that turns wishes and readings into plans."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load

COLLECTION = Path(__file__).resolve().parents[2]


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
