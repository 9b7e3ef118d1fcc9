"""A situation is the same only when everything in it is; and an empty plan is remembered for exactly that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.engine.digest import limited_by
from ansible_collections.baremetal.virt.plugins.module_utils.engine.errors import NotRead
from ansible_collections.baremetal.virt.plugins.module_utils.engine.reader import CLUSTER, Question, Reader
from ansible_collections.baremetal.virt.plugins.plugin_utils import observers, run_situation
from ansible_collections.baremetal.virt.plugins.plugin_utils.collection import COLLECTION
from ansible_collections.baremetal.virt.plugins.plugin_utils.role_variables import known_variables
from ansible_collections.baremetal.virt.plugins.plugin_utils.run_situation import (
    ConvergedSituations,
    model_digests,
    own_key,
)

AGE = Question("age", ("/lists",)).key
HOSTS = Question("read", ("/etc/hosts",)).key
STORAGES = Question("read", ("/etc/pve/storage.cfg",)).key
LINKS = Question("names", ("/sys/class/net",)).key
WISHES = {"host pve1": {"cluster_name": "campus", "cluster_links": ["10.10.2.0/24"]}}


def situation(wishes: Any, recordings: Any, collection: Path = COLLECTION, key: str = "k") -> str:
    return run_situation.situation(wishes, recordings, key, collection)


@dataclass(frozen=True)
class Model:
    lines: frozenset[str]
    age: Optional[int] = field(metadata=limited_by("names_max_age"))


def names(reader: Reader) -> Model:
    """An observer that makes nothing of order and of empty lines."""
    return Model(frozenset((reader.read("/etc/hosts") or "").split()), reader.age("/lists"))


def storages(reader: Reader) -> Optional[str]:
    return reader.read("/etc/pve/storage.cfg", scope=CLUSTER)


def links(reader: Reader) -> tuple[str, ...]:
    return reader.names("/sys/class/net")


@pytest.fixture(autouse=True)
def three_subjects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "__module__", "x.observe.node.names")
    monkeypatch.setattr(storages, "__module__", "x.observe.storage.storages")
    monkeypatch.setattr(links, "__module__", "x.observe.network.links")
    monkeypatch.setattr(run_situation, "observers", lambda: (names, storages, links))


def reading(
    hosts: str = "a b", age: Optional[int] = 1, config: Optional[str] = "dir: x", tap: str = "tap100i0"
) -> dict[str, Any]:
    return {"node": {HOSTS: hosts, AGE: age, LINKS: ["lo", tap]}, "cluster": {STORAGES: config}}


def of(wishes: Mapping[str, Any] = WISHES, **changes: Any) -> str:
    """The situation of two hosts; the second is as the changes say."""
    return situation(wishes, {"pve1": reading(), "pve2": reading(**changes)})


def test_equal_situations_have_one_digest() -> None:
    assert situation(dict(WISHES), {"pve2": reading(), "pve1": reading()}) == of()


@pytest.mark.parametrize("changes", [{"hosts": "a b c"}, {"hosts": ""}, {"config": None}])
def test_every_model_counts(changes: dict[str, Any]) -> None:
    assert of(**changes) != of()


def test_what_no_model_holds_does_not() -> None:
    assert of(hosts="b\n\na") == of()


def test_which_host_is_how_counts() -> None:
    other = reading("c")
    assert situation({}, {"pve1": other, "pve2": reading()}) != situation({}, {"pve1": reading(), "pve2": other})


@pytest.mark.parametrize(("allowed", "same"), [(0, True), (7, False), (99, True)])
def test_what_grows_counts_when_it_passes_what_a_variable_allows(allowed: int, same: bool) -> None:
    wishes = {"host pve2": {"names_max_age": allowed, "other_max_age": 1}}
    assert (of(wishes, age=8) == of(wishes)) is same


@pytest.mark.parametrize("changed", [{}, {"host pve1": {"cluster_name": "campus", "cluster_links": []}}])
def test_every_wish_counts(changed: dict[str, Any]) -> None:
    assert of(changed) != of()


@pytest.mark.parametrize("host", ["pve1", "pve2", "pve3"])
def test_the_links_of_a_node_count_where_interfaces_are_declared_on_any_host(host: str) -> None:
    """Guests that start and stop change them all the time."""
    none = {**WISHES, "host pve3": {"network_interfaces": []}}
    assert of(none, tap="tap101i0") == of(none)
    declared = {**WISHES, f"host {host}": {"network_interfaces": [{"name": "vmbr0", "type": "bridge"}]}}
    assert of(declared, tap="tap101i0") != of(declared)


def test_what_leaves_a_domain_out_is_a_variable_of_a_role() -> None:
    variables = {name for own in known_variables().values() for name in own}
    assert set(observers._DECLARED_WITH.values()) <= variables
    assert set(observers._DECLARED_WITH) <= {observers.domain(one) for one in observers.observers()}


def test_the_collection_itself_counts(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    before = situation(WISHES, {"pve1": reading()}, tmp_path)
    (tmp_path / "roles" / "main.yml").write_text("a default that changes")
    assert situation(WISHES, {"pve1": reading()}, tmp_path) != before
    assert situation(WISHES, {"pve1": reading()}, COLLECTION) != before


def test_each_domain_has_a_digest_of_its_own() -> None:
    before, after = model_digests(reading(), {}), model_digests(reading(config="dir: y"), {})
    assert before["node"] == after["node"]
    assert before["storage"] != after["storage"]


def test_without_the_readings_of_the_cluster_no_situation_is_known() -> None:
    with pytest.raises(NotRead):
        situation(WISHES, {"pve1": {"node": {HOSTS: "a", AGE: 1}, "cluster": {}}})


def test_situations_are_remembered_and_the_oldest_forgotten(tmp_path: Path) -> None:
    known = ConvergedSituations(tmp_path / "cache" / "converged")
    assert "d0" not in known
    for number in range(60):
        known.add(f"d{number}")
    assert "d59" in known and "d10" in known and "d9" not in known


def test_a_digest_is_worth_nothing_without_the_key() -> None:
    """A password that is another one makes another situation, so it could be tried on what is kept or shown."""
    secret, other = ({"host pve1": {"storage_list": [{"id": "b", "password": word}]}} for word in ("spring", "summer"))
    recordings = {"pve1": reading()}
    assert situation(secret, recordings) != situation(other, recordings)
    assert situation(secret, recordings, key="another") != situation(secret, recordings)


def test_the_key_is_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "state" / "key"
    made = own_key(path)
    assert len(made) == 64 and own_key(path) == made != own_key(tmp_path / "key")
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700


def test_it_lies_apart_from_the_digests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets hold of a copy of the cache has no key."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    ConvergedSituations().add(own_key())
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert written == [".cache/baremetal.virt/converged", ".local/state/baremetal.virt/key"]
    assert {(tmp_path / path).stat().st_mode & 0o777 for path in written} == {0o600}


def test_where_nothing_can_be_kept_every_run_makes_its_plan_and_none_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert own_key(tmp_path / "file" / "key") != own_key(tmp_path / "file" / "key")
    ConvergedSituations(tmp_path / "file" / "converged").add("a" * 64)
    assert "a" * 64 not in ConvergedSituations(tmp_path / "file" / "converged")
