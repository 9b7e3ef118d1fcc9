# Copyright: the baremetal.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What apt takes for white space, for a word, for "no" and for the parts of a URI: less than Python does, or more.

Upstream: apt's apt-pkg/contrib/strutl.cc. Python's own ``strip``, ``split`` and ``splitlines`` also know the white
space of Unicode and of other systems, which apt reads as any other letter; ``urlsplit`` raises where apt goes on.
"""

from __future__ import annotations

import re

#: isspace() of the C locale, as apt uses it wherever it does not name the letters.
SPACE = " \t\n\v\f\r"
#: A file, a fingerprint (with a mark for "this key and none of its subkeys"), or a whole key.
_KEY = re.compile(r"/.*|[0-9a-fA-F]{40}!?")
_WHOLE_KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_FALSE = re.compile(rf"no|false|without|off|disable|[{SPACE}]*[+-]?0(?:0*|x0+)", re.IGNORECASE)


def lines(text: str) -> list[str]:
    """The lines with their ends: a line ends with a line feed, and with nothing else."""
    found = [f"{line}\n" for line in text.split("\n")]
    found[-1] = found[-1][:-1]
    return found if found[-1] else found[:-1]


def words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(f"[{SPACE}]+", text) if word)


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
