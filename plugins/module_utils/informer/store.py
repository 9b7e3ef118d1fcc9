# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cache: objects by their keys, and indices with names of their own (client-go's Indexer).

It belongs to one event loop; what is read from it must not be changed, as nothing is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Optional

#: An object as the API tells it.
Object = Mapping[str, Any]
#: The values under which an object is found in one index.
IndexFunc = Callable[[Object], Iterable[str]]
NAMESPACE = "namespace"


class DeletedFinalStateUnknown(NamedTuple):
    """An object that is gone, and of which nobody saw how: a list did not hold it any more. ``obj``: the last known."""

    key: str
    obj: Object


def metadata(obj: Object) -> Mapping[str, Any]:
    """Servers write null where there is nothing."""
    return obj.get("metadata") or {}


def meta_namespace_key(obj: Object) -> str:
    """``NAMESPACE/NAME``, or ``NAME`` for what is in no namespace."""
    found = metadata(obj)
    namespace = found.get("namespace")
    return f"{namespace}/{found['name']}" if namespace else str(found["name"])


def meta_namespace_index(obj: Object) -> list[str]:
    return [str(metadata(obj).get("namespace") or "")]


def resource_version(obj: Object) -> str:
    """It is opaque: equal or not, and nothing else."""
    return str(metadata(obj).get("resourceVersion") or "")


def uid(obj: Object) -> str:
    return str(metadata(obj).get("uid") or "")


def is_replaced(old: Object, new: Object) -> bool:
    """Another object under the same name: the first was deleted, and made again, while nobody was looking."""
    return bool(uid(old) and uid(new)) and uid(old) != uid(new)


class Indexer:
    """``key_of`` gives the key of an object."""

    def __init__(
        self,
        indexers: Optional[Mapping[str, IndexFunc]] = None,
        key_of: Callable[[Object], str] = meta_namespace_key,
    ) -> None:
        self.key_of = key_of
        self._items: dict[str, Object] = {}
        self._functions: dict[str, IndexFunc] = {}
        self._indices: dict[str, dict[str, set[str]]] = {}
        self.add_indexers(indexers or {})

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: str) -> bool:
        return key in self._items

    def add_indexers(self, indexers: Mapping[str, IndexFunc]) -> None:
        """Also when there are objects: they are indexed now."""
        taken = sorted(set(indexers) & set(self._functions))
        if taken:
            raise ValueError(f"There already is an index {', '.join(taken)}.")
        for name, function in indexers.items():
            self._functions[name] = function
            self._indices[name] = {}
            for key, obj in self._items.items():
                self._insert(name, key, obj)

    def get(self, key: str) -> Optional[Object]:
        return self._items.get(key)

    def list_keys(self) -> list[str]:
        return list(self._items)

    def objects(self) -> list[Object]:
        return list(self._items.values())

    def update(self, obj: Object) -> None:
        """Add it, or take it for the one that was there."""
        key = self.key_of(obj)
        old = self._items.get(key)
        if old is not None:
            self._remove(key, old)
        self._items[key] = obj
        for name in self._functions:
            self._insert(name, key, obj)

    def delete(self, key: str) -> None:
        old = self._items.pop(key, None)
        if old is not None:
            self._remove(key, old)

    def by_index(self, name: str, value: str) -> list[Object]:
        return [self._items[key] for key in sorted(self._index(name).get(value, ()))]

    def index_values(self, name: str) -> list[str]:
        """Those that some object has."""
        return sorted(self._index(name))

    def _index(self, name: str) -> dict[str, set[str]]:
        if name not in self._indices:
            raise KeyError(f"There is no index {name}; there are {', '.join(sorted(self._indices)) or 'none'}.")
        return self._indices[name]

    def _insert(self, name: str, key: str, obj: Object) -> None:
        for value in self._functions[name](obj):
            self._indices[name].setdefault(value, set()).add(key)

    def _remove(self, key: str, obj: Object) -> None:
        for name, function in self._functions.items():
            index = self._indices[name]
            for value in function(obj):
                kept = index.get(value, set())
                kept.discard(key)
                if not kept:
                    index.pop(value, None)
