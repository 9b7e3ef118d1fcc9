"""Ceph of the stand-in: pveceph's steps, carried out with the real daemons and tools of Debian's Ceph."""
