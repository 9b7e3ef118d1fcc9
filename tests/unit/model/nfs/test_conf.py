"""nfs.conf: what is written is read back, and what the kernel says of itself is understood."""

from __future__ import annotations

from typing import Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.nfs.conf import (
    VERSIONS,
    Settings,
    as_options,
    parse_nfsd,
    render_settings,
    running_settings,
)
from hypothesis import given
from hypothesis import strategies as st

settings = st.builds(
    Settings,
    st.none() | st.integers(1, 1024),
    st.none() | st.frozensets(st.sampled_from(VERSIONS), min_size=1),
)


@given(settings)
def test_what_is_written_is_read_back(wanted: Settings) -> None:
    assert parse_nfsd(render_settings(wanted) or "") == as_options(wanted)


def test_nothing_to_say_makes_no_file() -> None:
    assert render_settings(Settings()) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("[nfsd]\n# threads=8\n", {}),
        ("[nfsd]\nthreads=8\n[mountd]\nthreads=1\n", {"threads": "8"}),
        ("[ NFSD ]\n Vers3 = Yes\nvers4.2=0\n", {"vers3": "y", "vers4.2": "n"}),
        ("[general]\npipefs-directory=/run/rpc_pipefs\n", {}),
        ("; a comment\n[nfsd]\n;vers3=n\nudp = n\n", {"udp": "n"}),
    ],
)
def test_files_of_people_are_understood(text: str, expected: dict[str, str]) -> None:
    assert parse_nfsd(text) == expected


@pytest.mark.parametrize(
    ("threads", "versions", "expected"),
    [
        (None, None, Settings()),
        ("0\n", "+3 +4 +4.1 +4.2\n", Settings()),
        ("8\n", None, Settings(8)),
        ("8\n", "-2 +3 +4 +4.1 +4.2\n", Settings(8, frozenset(VERSIONS))),
        ("16\n", "+3 +4 -4.0 +4.1 +4.2\n", Settings(16, frozenset(("3", "4.1", "4.2")))),
        ("16\n", "+3 -4 -4.0 -4.1 -4.2\n", Settings(16, frozenset(("3",)))),
    ],
)
def test_what_the_kernel_says(threads: Optional[str], versions: Optional[str], expected: Settings) -> None:
    assert running_settings(threads, versions) == expected
