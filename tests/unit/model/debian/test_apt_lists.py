"""How apt names the files that it keeps."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.debian.apt_lists import list_name


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("http://m.example/debian/pve", "m.example_debian_pve_dists_trixie_InRelease"),
        ("http://m.example/debian/pve/", "m.example_debian_pve_dists_trixie_InRelease"),
        ("http://10.0.0.1:8080/my_repo/~a", "10.0.0.1:8080_my%5frepo_%7ea_dists_trixie_InRelease"),
        ("https://user:secret@m/debian", "m_debian_dists_trixie_InRelease"),
    ],
)
def test_the_name_of_a_list_is_apts(uri: str, name: str) -> None:
    assert list_name(uri, "trixie", "InRelease") == name
