"""disk_selector: disks by what they are."""

from __future__ import annotations

import pytest
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.disk import Disk
from ansible_collections.baremetal.virt.plugins.module_utils.model.node.disk_selector import DiskSelector, parse_size


def disk(size: float = 4e12, model: str = "SAMSUNG MZQL21T9", rotational: bool = False) -> Disk:
    return Disk("/dev/sda", (), int(size), model, None, None, rotational, None)


@pytest.mark.parametrize(
    ("text", "fits", "not_fits"),
    [
        (">3.5T", 3.84e12, 3.5e12),
        (">=3.5T", 3.5e12, 3.4e12),
        ("<1Ti", 2**40 - 1, 2**40),
        ("<= 960 GB", 960e9, 961e9),
        (">1T,<2T", 1.9e12, 2e12),
    ],
)
def test_sizes(text: str, fits: float, not_fits: float) -> None:
    selector = DiskSelector(size=parse_size(text))
    assert selector.matches(disk(fits))
    assert not selector.matches(disk(not_fits))


@pytest.mark.parametrize("text", ["3.5T", "> big", ">1X", "", ">1T;<2T"])
def test_what_is_not_a_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a (condition|size) such as"):
        parse_size(text)


def test_model_and_kind() -> None:
    assert DiskSelector(model="samsung*").matches(disk())
    assert not DiskSelector(model="samsung").matches(disk())
    assert DiskSelector(rotational=True).matches(disk(rotational=True))
    assert not DiskSelector(rotational=False).matches(disk(rotational=True))
    assert DiskSelector().matches(disk())


def test_in_words() -> None:
    selector = DiskSelector("SAMSUNG*", parse_size(">3.5T"), False)
    assert str(selector) == "model SAMSUNG*, size > 3500 GB, not rotational"
    assert str(DiskSelector()) == "any disk"
