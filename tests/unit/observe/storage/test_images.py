"""CD images that only this node has."""

from __future__ import annotations

from ansible_collections.baremetal.virt.plugins.module_utils.observe.storage.images import observe

from ....doubles.support import FakeNode

STORAGES = """dir: cds
	path /srv/cds
	content iso
	content-dirs iso=discs

dir: off
	path /srv/off
	content iso
	disable

nfs: share
	server 10.10.2.9
	export /srv
	content iso

lvm: fast
	vgname fast
"""


def test_images_lie_where_their_storage_keeps_them() -> None:
    paths = ("/srv/cds/discs", "/srv/cds/template/iso", "/srv/off/template/iso", "/mnt/pve/share/template/iso")
    files = {f"{path}/a.iso": "" for path in (*paths, "/var/lib/vz/template/iso")}
    node = FakeNode({"/etc/pve/storage.cfg": STORAGES, **files})
    assert observe(node) == {"cds:iso/a.iso", "local:iso/a.iso"}
