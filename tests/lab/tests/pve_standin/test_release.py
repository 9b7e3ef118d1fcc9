"""A node of an older release lacks what that release lacks, in methods, parameters, commands and files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import schemas
from pve_standin.api import registry, schema
from pve_standin.ceph.install import sources_text
from pve_standin.cli import pveceph
from pve_standin.core import release
from pve_standin.core.errors import ApiError

Choose = Callable[[str], None]


@pytest.mark.parametrize(
    ("codename", "verb", "path", "served"),
    [
        ("trixie", "GET", "/cluster/ha/rules", True),
        ("bookworm", "GET", "/cluster/ha/rules", False),
        ("bookworm", "GET", "/nodes/pve1/ceph/releases", False),
        ("bookworm", "GET", "/cluster/mapping/pci", True),
        ("bullseye", "GET", "/cluster/mapping/pci", False),
        ("bullseye", "GET", "/nodes/pve1/ceph/pools", True),
        ("bullseye", "GET", "/nodes/pve1/ceph/config", True),
        ("bookworm", "GET", "/nodes/pve1/ceph/pools", False),
    ],
)
def test_methods(on_release: Choose, codename: str, verb: str, path: str, served: bool) -> None:
    on_release(codename)
    if served:
        assert registry.find(verb, path)[0].path
    else:
        with pytest.raises(ApiError, match="not implemented"):
            registry.find(verb, path)


@pytest.mark.parametrize("codename", ["trixie", "bookworm", "bullseye"])
def test_every_method_and_parameter_is_what_upstream_notes_of_the_release(on_release: Choose, codename: str) -> None:
    """Of parameters that only an older release has, no more than the name is noted: the stand-in refuses them."""
    on_release(codename)
    upstream = schemas.api(release.current().pve)
    registry.load_handlers()
    for verb, path in registry.registered():
        assert schema.served(verb, path) == (verb in upstream.get(path, {})), (verb, path)
        if schema.served(verb, path):
            expected = {name for name, item in upstream[path][verb].items() if item is not schemas.OF_OLDER}
            assert set(schema.definition_of(verb, path)["parameters"]) == expected, (verb, path)


@pytest.mark.parametrize(("codename", "known"), [("trixie", True), ("bookworm", False), ("bullseye", False)])
def test_the_token_coefficient_is_new(on_release: Choose, codename: str, known: bool) -> None:
    on_release(codename)
    assert ("token-coefficient" in schema.definition_of("POST", "/cluster/config")["parameters"]) is known


def test_options_of_the_installation_of_ceph(on_release: Choose) -> None:
    on_release("bookworm")
    assert pveceph.install_command().options["repository"]["enum"] == ["enterprise", "no-subscription", "test"]
    on_release("bullseye")
    command = pveceph.install_command()
    assert "test-repository" in command.options
    assert command.absent == ("repository",)


def test_entry_for_the_repository_of_ceph() -> None:
    eight, seven = release.of("bookworm"), release.of("bullseye")
    assert sources_text("reef", "enterprise", eight) == (
        "deb https://enterprise.proxmox.com/debian/ceph-reef bookworm enterprise\n"
    )
    assert (
        sources_text("pacific", "main", seven) == "deb http://download.proxmox.com/debian/ceph-pacific bullseye main\n"
    )
    assert sources_text("squid", "test", release.of("trixie")).startswith("Types: deb\nURIs: http://download")
