# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""CephFS file systems, and the two pools that ``pveceph fs create`` makes for each."""

from __future__ import annotations

from dataclasses import dataclass

from . import pg

#: The smallest pg_num of both pools that pveceph accepts, and the metadata pool's below 32 for the data pool.
LEAST_PG_NUM = 8


@dataclass(frozen=True)
class DesiredFilesystem:
    """``pg_mode``, ``share``: how the data pool's pg_num is found (see model/pg.py)."""

    name: str
    pg_mode: pg.Mode = pg.AUTOSCALE
    share: float = 1.0

    @property
    def data_pool(self) -> str:
        return f"{self.name}_data"

    @property
    def metadata_pool(self) -> str:
        return f"{self.name}_metadata"


@dataclass(frozen=True)
class DesiredFilesystems:
    """``planned_osds``: how many OSDs there will be, for a plan that is made before the first one exists."""

    filesystems: tuple[DesiredFilesystem, ...]
    planned_osds: int = 0


def metadata_pg_num(pg_num: int) -> int:
    """What pveceph gives the metadata pool: a quarter of the data pool's."""
    return max(LEAST_PG_NUM, pg_num // 4)
