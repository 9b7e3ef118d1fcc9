#!/usr/bin/env python3
"""Run all tests of `ansible-test sanity` on what the collection ships, without a single exception.

ansible-test wants a checkout called ansible_collections/baremetal/virt, a home it may fill, and real interpreters.
So in .cache/sanity/VERSION (of ansible-core) there are a copy of the tree (what git knows, less galaxy.yml's
build_ignore: exactly what a build would contain), a HOME, and a PATH with the interpreters found on this machine.

Its environments are made with a script that it downloads from a server of its own unless a copy is cached. The copy
written here does the same job with Python's own ensurepip, so that the package index is the only source.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import ansible.release
import ansible_test
import interpreters
from archive import copy_tree

ROOT = Path.cwd()
WORK = ROOT / ".cache" / "sanity" / ansible.release.__version__
HOME = WORK / "home"
COPY = WORK / "ansible_collections" / "baremetal" / "virt"
TOOLS = WORK / "interpreters"
#: The oldest Python of a managed node, and the newest that the controllers of today use.
PYTHONS = ("3.9", "3.11", "3.13")

GET_PIP = '''"""Stands in for the get-pip script of ansible-test: the same result from Python's own ensurepip."""
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install"] + wanted))
'''


def copy_collection() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    copy_tree(ROOT, COPY)
    # Without a repository of its own ansible-test asks the surrounding one, which ignores .cache.
    subprocess.run(["git", "init", "--quiet", "."], cwd=COPY, check=True)


def prepare_home() -> None:
    """A home of its own, in which pip reads the settings that hold outside."""
    internal = Path(ansible_test.__file__).parent / "_internal" / "python_requirements.py"
    wanted = re.search(r"pip='([0-9.]+)'", internal.read_text())
    if wanted is None:
        raise SystemExit(f"{internal} does not name its version of pip any more: adapt {Path(__file__).name}.")
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / f"get_pip_{wanted.group(1).replace('.', '_')}.py").write_text(GET_PIP)
    settings = HOME / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("[global]\n" + "".join(f"{line}\n" for line in pip_settings()))
    settings.chmod(0o600)


def pip_settings() -> list[str]:
    """pip's effective settings, from files and environment, in the form of its configuration file."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    settings = {"disable-pip-version-check": "true", "quiet": "1"}
    for line in sorted(listed.stdout.splitlines(), key=lambda line: line.startswith(":env:")):  # the environment wins
        key, _, value = line.partition("=")
        plain = value.strip("'\"").replace("\\n", "\n    ")
        settings[key.rpartition(".")[2]] = plain
    for variable in ("https_proxy", "HTTPS_PROXY"):
        if os.environ.get(variable):
            settings.setdefault("proxy", os.environ[variable])
    return [f"{key} = {value}" for key, value in settings.items()]


def offer_interpreters() -> list[str]:
    """Links to real interpreters in one folder; the versions that are there."""
    shutil.rmtree(TOOLS, ignore_errors=True)
    TOOLS.mkdir(parents=True)
    found = []
    for version in PYTHONS:
        interpreter = interpreters.find(version)
        if interpreter is not None:
            (TOOLS / f"python{version}").symlink_to(interpreter)
            found.append(version)
    return found


def main() -> int:
    copy_collection()
    prepare_home()
    offered = offer_interpreters()
    print(
        f"Interpreters: {', '.join(offered)} (missing: {', '.join(set(PYTHONS) - set(offered)) or 'none'})", flush=True
    )
    path = os.pathsep.join([str(Path(sys.executable).parent), str(TOOLS), "/usr/local/bin", "/usr/bin", "/bin"])
    environment = {"HOME": str(HOME), "PATH": path, "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
    output, exit_code = stream(["ansible-test", "sanity", "--color", "no", *sys.argv[1:]], environment)
    run = len(re.findall(r'^Running sanity test "', output, re.MULTILINE))
    verdict = re.search(r"The (\d+) sanity test\(s\) listed below", output)
    failed = int(verdict.group(1)) if verdict else int(exit_code != 0)
    print(f"{run - failed} passed, {failed} failed")
    return exit_code


def stream(command: list[str], environment: dict[str, str]) -> tuple[str, int]:
    """Run in the copy; show the output as it comes, and return it."""
    lines = []
    with subprocess.Popen(
        command, cwd=COPY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return "".join(lines), process.returncode


if __name__ == "__main__":
    sys.exit(main())
