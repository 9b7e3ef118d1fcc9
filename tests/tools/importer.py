"""What galaxy-importer says of an archive, judged by its lines: it ends with 0 also when a check was cut short."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

#: What it says when it has read all documentation, when its ansible-lint ended, and last of all.
ALL_OF_IT = (
    "Getting doc strings via ansible-doc",
    "...ansible-lint run complete",
    "Importer processing completed successfully",
)


def objections(said: str) -> Iterator[str]:
    """Its errors and warnings (a lint that found something is a warning), and what it did not come to."""
    lines = said.splitlines()
    yield from (line for line in lines if line.startswith(("CRITICAL", "ERROR", "WARNING")))
    yield from (f"It never said: {line}" for line in ALL_OF_IT if line not in lines)


def examine(archive: Path, programs: Path) -> str:
    """What it says, run from the environment that ``programs`` is of; a folder of its own takes what it writes."""
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [str(programs / "python"), "-m", "galaxy_importer.main", str(archive)],
            cwd=scratch,
            env={"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "HOME": scratch, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return done.stdout if done.returncode == 0 else f"{done.stdout}\nERROR: it ended with {done.returncode}\n"
