"""One list of parameters in three places: the specification of the module, its documentation, the role's."""

from __future__ import annotations

from typing import Any

import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.sdn.parameters import SDN
from jinja2 import Template

from ..access.test_parameters import KEYS, ROOT, form


def documented() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("sdn", "access_api"):
        text = (ROOT / "plugins" / "doc_fragments" / f"{name}.py").read_text(encoding="utf-8")
        found.update(yaml.safe_load(text.split('r"""')[1].removesuffix('"""\n'))["options"])
    return found


def test_the_documentation_says_what_the_specification_does() -> None:
    keys = (*KEYS, "default")
    assert form(documented(), "suboptions", keys) == form(SDN, "options", keys)


def test_the_role_says_what_the_specification_does() -> None:
    path = ROOT / "roles" / "sdn" / "meta" / "argument_specs.yml"
    role = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    said = {name.removeprefix("sdn_"): option for name, option in role.items() if name != "sdn_frr_local"}
    keys = (*KEYS, "no_log")
    assert form(said, "options", keys) == form(SDN, "options", keys)


def test_each_cluster_has_its_own_file_for_the_token_of_its_lock() -> None:
    """One run would take the token of the other's lock for its own, and throw it away after its apply."""
    path = ROOT / "roles" / "sdn" / "defaults" / "main.yml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))["sdn_lock_file"]
    files = {Template(said).render(cluster_name=name) for name in ("campus", "lab")}
    assert {file.rpartition("/")[2] for file in files} == {"sdn_lock_campus", "sdn_lock_lab"}
