"""The overview that an unknown command is answered with, against recorded ones."""

from __future__ import annotations

import pytest
from pve_standin.cli import main, pveceph

from .support import text


def test_overview_of_pveceph() -> None:
    schema = main._load("pveceph")
    with pytest.raises(main.UsageError) as refused:
        main._select("pveceph", pveceph.COMMANDS, schema, ["osd", "out", "2"])
    assert f"{refused.value}\n" == text("pveceph-osd-out.txt")
