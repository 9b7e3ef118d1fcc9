"""The storages and guests in /cluster/resources."""

from __future__ import annotations

from typing import Any

from pve_standin.cluster.overview import add_provider
from pve_standin.guest import resources
from pve_standin.pmxcfs import control
from pve_standin.storage import status


@add_provider
def guests(kind: str) -> list[dict[str, Any]]:
    return resources.rows(control.published(resources.PUBLISHED_KEY)) if kind in ("", "vm") else []


@add_provider
def storages(kind: str) -> list[dict[str, Any]]:
    return status.resource_rows(control.published(status.PUBLISHED_KEY)) if kind in ("", "storage") else []
