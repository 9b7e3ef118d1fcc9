"""Pages that tell of variables and releases tell what the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster import cluster
from ansible_collections.baremetal.virt.plugins.module_utils.model.cluster.trust import KEY
from ansible_collections.baremetal.virt.plugins.module_utils.model.leaving.membership import KEPT
from ansible_collections.baremetal.virt.plugins.plugin_utils.role_variables import known_variables
from known_files import known_files

from . import ceph_health_page, joining_page, release_check_page, release_page, variables_page
from .pages import assert_tells

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = (ROOT / "docs" / "offline.md").read_text()
SECURITY = (ROOT / "SECURITY.md").read_text()


def test_the_page_of_releases_is_the_table_of_releases() -> None:
    assert_tells(release_page.PAGE, release_page.page())


def test_the_page_of_health_checks_is_their_table() -> None:
    assert_tells(ceph_health_page.PAGE, ceph_health_page.page())


def test_the_page_on_the_next_release_tells_every_check() -> None:
    assert_tells(release_check_page.PAGE, release_check_page.upstream(), release_check_page.UPSTREAM)
    assert_tells(release_check_page.PAGE, release_check_page.own(), release_check_page.OWN)


def test_the_page_of_joins_tells_what_is_made_of_every_state() -> None:
    assert_tells(joining_page.PAGE, joining_page.table(), joining_page.NAME)
    assert joining_page.states() == {cluster.STANDALONE, cluster.CREATING, cluster.JOINING, cluster.MEMBER}


@pytest.mark.parametrize("role", variables_page.NAMES)
def test_the_readme_of_a_role_tells_its_variables(role: str) -> None:
    assert_tells(variables_page.readme(role), variables_page.section(role), variables_page.NAME)


@pytest.mark.parametrize("role", variables_page.NAMES)
def test_the_default_that_a_role_documents_is_the_one_it_has(role: str) -> None:
    """One that is worked out, from another variable or by the module, is told in the description."""
    options = variables_page.specification(role)["main"]["options"]
    told = {name: option["default"] for name, option in options.items() if "default" in option}
    assert {name: value for name, value in variables_page.defaults(role).items() if name in told} == told


def test_the_page_on_security_names_variables_and_places_that_exist() -> None:
    known = {name for names in known_variables().values() for name in names}
    named = set(re.findall(r"\b(?:repositories|cluster|ceph)_\w+", SECURITY))
    assert named - {"cluster_join_info", "cluster_trust"} <= known
    assert KEPT in SECURITY and KEY in SECURITY


#: Names that stand for something else, and folders that Ansible names so in any role.
EXAMPLES = {"roles/NAME/", "molecule/NAME/", "plugins/modules/NAME.py", "meta/argument_specs.yml"}
DECISIONS = [str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "decisions").glob("*.md")]
PAGES = known_files(ROOT, "*.md")


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link}
    assert not [link for link in links if link and not (ROOT / page).parent.joinpath(link).exists()]


def test_the_page_of_mirrors_names_variables_that_exist() -> None:
    known = {name for names in known_variables().values() for name in names}
    assert set(re.findall(r"\b(?:repositories|proxmox_ve)_\w+", OFFLINE)) <= known


def test_the_lab_is_the_mirrored_site_of_that_page() -> None:
    shown = yaml.safe_load(re.findall(r"(?s)```yaml\n(.*?)```", OFFLINE)[0])
    lab = yaml.safe_load((ROOT / "inventories" / "lab" / "group_vars" / "proxmox.yml").read_text())
    declared = {name for name in lab if name.startswith("repositories_")} - {"repositories_subscription"}
    assert declared == set(shown)


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", *sorted(DECISIONS)])
def test_files_that_are_named_exist(page: str) -> None:
    """From the root of the repository, or within the product; a room such as ``model/`` is named in the same way."""
    named = re.findall(r"`([\w.]+/[\w./]*?)`", (ROOT / page).read_text(encoding="utf-8"))
    places = [ROOT, ROOT / "plugins", ROOT / "plugins" / "module_utils"]
    assert not {name for name in named if not any((place / name).exists() for place in places)} - EXAMPLES


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_picture_of_a_run_shows_the_roles_of_site_yml_in_their_order(page: str) -> None:
    tasks = yaml.safe_load((ROOT / "playbooks" / "shared" / "site_roles.yml").read_text())
    roles = [task["ansible.builtin.import_role"]["name"] for task in tasks]
    shown = re.findall(r'\bA\d+\["?(\w+)', (ROOT / page).read_text())
    assert shown == [role.rpartition(".")[2] for role in roles]


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_every_page_is_found_from_the_readme(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert not [path.name for path in sorted((ROOT / "docs").glob("*.md")) if f"(docs/{path.name})" not in text]


@pytest.mark.parametrize("page", ["README.md", "README.zh.md"])
def test_the_variables_of_every_role_are_found_from_the_readme(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    roles = sorted(path.name for path in (ROOT / "roles").iterdir())
    assert not [role for role in roles if f"(roles/{role}/README.md#variables)" not in text]


def test_every_playbook_is_found_from_the_page_of_playbooks() -> None:
    text = (ROOT / "playbooks" / "README.md").read_text(encoding="utf-8")
    assert not [path.name for path in sorted((ROOT / "playbooks").glob("*.yml")) if f"`{path.name}`" not in text]
