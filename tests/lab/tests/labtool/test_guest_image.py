"""The image for guests that really run: where it lies, and what its disk is divided into."""

from __future__ import annotations

import pytest
from labtool import guest_image


def test_another_content_is_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = guest_image.path()
    assert guest_image.path() == before
    monkeypatch.setitem(guest_image.FILES, "etc/hostname", "other\n")
    assert guest_image.path() != before


def test_the_partitions_lie_where_their_content_is_written() -> None:
    boot, root = guest_image._PARTITIONS.splitlines()[1:]
    assert boot == "start=2048, size=131072, type=c, bootable"
    assert root == f"start={2048 + 131072}, type=83"
