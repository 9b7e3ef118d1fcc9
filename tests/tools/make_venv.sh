#!/bin/bash
# Make a virtual environment (once) and install a requirements file into it.
# usage: make_venv.sh PYTHON VENV REQUIREMENTS
set -euo pipefail

python=$1 venv=$2 requirements=$3

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    found=$("$python" --version 2>&1 | head -n 1 || true)
    echo "ansible-core 2.19 needs Python 3.11 or newer; '$python' is: ${found:-not there}." >&2
    echo "Name another one: make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
fi

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            echo "'$python' cannot make virtual environments: install python3-venv." >&2
            exit 1
        fi
        echo "Installing the Debian package python3-venv."
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends python3-venv
    fi
    echo "Making $venv with $("$python" --version)."
    "$python" -m venv --clear "$venv"
fi

echo "Installing $requirements into $venv:$(sed -n 's/^\([a-zA-Z][a-zA-Z0-9_-]*\).*/ \1/p' "$requirements" | tr -d '\n')"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
