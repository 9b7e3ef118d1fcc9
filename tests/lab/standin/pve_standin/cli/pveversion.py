"""pveversion: the release, and with -v the versions of the packages that matter."""

from __future__ import annotations

import sys

from pve_standin.core import versions


def main() -> None:
    words = sys.argv[1:]
    if words in (["-v"], ["--verbose"], ["--verbose", "1"], ["-verbose"]):
        print("\n".join(versions.report()))
    elif not words:
        print(f"{versions.version_text()} (running kernel: {versions.kernel()})")
    else:
        print(
            f"Unknown option: {words[0].lstrip('-')}\n400 unable to parse option\npveversion  [OPTIONS]",
            file=sys.stderr,
        )
        sys.exit(255)
