# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What apt takes for "no", for the name of a key and for the parts of a URI.

Upstream: apt's apt-pkg/contrib/strutl.cc and deb/debmetaindex.cc. ``urlsplit`` would raise where apt goes on.
"""

from __future__ import annotations

import re

from ...engine.c_text import SPACE, words

#: A file, a fingerprint (with a mark for "this key and none of its subkeys"), or a whole key.
_KEY = re.compile(r"/.*|[0-9a-fA-F]{40}!?")
_WHOLE_KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_FALSE = re.compile(rf"no|false|without|off|disable|[{SPACE}]*[+-]?0(?:0*|x0+)", re.IGNORECASE)


def is_false(text: str) -> bool:
    """A word of apt for "no"; what is neither that nor "yes" leaves the default, and so is no "no"."""
    return _FALSE.fullmatch(text) is not None


def names_keys(text: str) -> bool:
    """Whether apt takes this for keys, as the value of Signed-By; nothing at all will do."""
    named = words(text.replace(",", " "))
    return not text or _WHOLE_KEY in text or bool(named) and all(map(_KEY.fullmatch, named))


def authority(uri: str) -> str:
    """``user@host:port`` of a URI; empty when there is none."""
    return _split(uri)[0]


def path(uri: str) -> str:
    """What follows the host; a slash inside of brackets, as in ``cdrom:[Debian 13/1]/``, belongs to the host."""
    return _split(uri)[1]


def _split(uri: str) -> tuple[str, str]:
    rest = uri.partition(":")[2]
    start = 2 if rest.startswith("//") else 0
    inside = False
    for place, letter in enumerate(rest[start:], start):
        if letter == "/" and not inside:
            return rest[start:place], rest[place:]
        inside = letter == "[" or (inside and letter != "]")
    return rest[start:], ""
