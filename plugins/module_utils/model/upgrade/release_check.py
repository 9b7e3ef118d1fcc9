# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a node shows of its being ready for the next release: upstream's checker, and what that does not look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from ..debian.apt_sources import SourcesFile
from .checker import CheckerReport
from .release_ssh import SshdLine


@dataclass(frozen=True)
class RrdSpace:
    """Bytes of measurements by folder, and free for them; None where ``df`` does not tell."""

    used: Mapping[str, int]
    free: Optional[int]


@dataclass(frozen=True)
class ObservedReleaseCheck:
    """``report`` is None where upstream's checker is not installed.

    old: package → (its version, the least one needed), of those that are older or missing (version "").
    sshd_says: what sshd of the new release has against its configuration; asked once the node has it.
    """

    node: str
    codename: str
    report: Optional[CheckerReport]
    old: Mapping[str, tuple[str, str]]
    sshd: tuple[SshdLine, ...]
    files: tuple[SourcesFile, ...]
    space: RrdSpace
    sshd_says: str = ""
