#!/bin/bash
# Style and format of all Python code, and of the shell scripts; every finding is shown before the verdict.
set -euo pipefail

verdict=0
ruff check --quiet . || verdict=1
ruff format --check --quiet --diff . || verdict=1
git ls-files -z --cached --others --exclude-standard -- '*.sh' .ci/run | xargs -0 --no-run-if-empty shellcheck || verdict=1
exit "$verdict"
