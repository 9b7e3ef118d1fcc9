"""parse(render(x)) == x for a table of exports as people have them, and for any others.

`tests/contract/exportfs.py` asks the real exportfs about the same cases.
"""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.options import written
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.server import Client, Export
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.text import parse_exports, render_exports
from exports_cases import export, table
from hypothesis import given
from hypothesis import strategies as st

CASES = table()


def spelled_out(wanted: tuple[Export, ...]) -> tuple[Export, ...]:
    """With the options as they stand in the file: in its order, and with those that it always says."""
    return tuple(
        Export(one.path, tuple(Client(client.host, written(client.options)) for client in one.clients))
        for one in wanted
    )


@pytest.mark.parametrize("title", CASES)
def test_what_is_written_is_read_back(title: str) -> None:
    assert parse_exports(render_exports(CASES[title])) == spelled_out(CASES[title])


def test_all_cases_fit_into_one_file() -> None:
    everything = tuple(one for exports in CASES.values() for one in exports)
    assert parse_exports(render_exports(everything)) == spelled_out(everything)
    assert len(CASES) >= 80 and len({one.path for one in everything}) == len(everything)


@given(st.lists(export, max_size=5).map(tuple))
def test_any_exports_are_read_back(wanted: tuple[Export, ...]) -> None:
    assert parse_exports(render_exports(wanted)) == spelled_out(wanted)
