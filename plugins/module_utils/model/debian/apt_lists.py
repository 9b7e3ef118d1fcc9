# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where apt keeps what it has read of repositories, and how it names those files.

Upstream: apt-get(8); apt's apt-pkg/acquire-item.cc and contrib/strutl.cc.
"""

from __future__ import annotations

from . import apt_words

LISTS = "/var/lib/apt/lists"
#: Touched after every update that succeeded; Debian's own tools, where installed, keep it in the same way.
UPDATE_STAMP = "/var/lib/apt/periodic/update-success-stamp"
_QUOTED = '\\|{}[]<>"^~_=!@#$%&*'


def list_name(uri: str, suite: str, rest: str) -> str:
    """The name under which apt keeps a file of a repository in ``LISTS``."""
    host = apt_words.authority(uri).rpartition("@")[2]
    path = f"{host}{apt_words.path(uri).rstrip('/')}/dists/{suite}/{rest}"
    return "".join(f"%{ord(letter):02x}" if letter in _QUOTED else letter for letter in path).replace("/", "_")
