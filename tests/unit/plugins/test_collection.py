"""Which copy of the collection a playbook belongs to."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.baremetal.virt.plugins.plugin_utils import collection


def test_a_playbook_belongs_to_the_copy_that_it_lies_in() -> None:
    assert collection.owner(collection.COLLECTION / "playbooks" / "site.yml") == collection.COLLECTION


def test_a_playbook_in_a_collection_of_the_users_own_belongs_to_no_copy(tmp_path: Path) -> None:
    (tmp_path / "galaxy.yml").write_text("namespace: campus\nname: servers\nversion: 1.0.0\n")
    assert collection.owner(tmp_path / "playbooks" / "site.yml") is None
