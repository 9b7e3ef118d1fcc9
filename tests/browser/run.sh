#!/usr/bin/env bash
# Opens the pages of a report in Debian's headless Chromium, and lets axe-core judge them.
# Says by name what this machine lacks: a browser (chromium-headless-shell), node and npm.
set -euo pipefail
cd "$(dirname "$0")/../.."
missing=()
command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || missing+=("chromium-headless-shell")
command -v node >/dev/null || missing+=("nodejs")
command -v npm >/dev/null || missing+=("npm")
if ((${#missing[@]})); then
  echo "report-browser cannot be run here: apt-get install ${missing[*]}" >&2
  exit 1
fi
mkdir -p .cache/browser-node
cp tests/browser/package.json .cache/browser-node/
npm install --prefix .cache/browser-node --no-audit --no-fund --silent
exec pytest -n0 tests/browser "$@"
