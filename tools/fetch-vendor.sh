#!/usr/bin/env bash
# Put what the pages take from npm, at the versions and checksums of package-lock.json, where the API serves it.
set -euo pipefail
cd "$(dirname "$0")/.."

vendor=gems_api/static/vendor
if ! tools/ensure-node.sh || ! npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null; then
  echo "The pages' script could not be fetched; they work without it, but show no change by themselves. See above." >&2
  exit 1
fi
mkdir -p "${vendor}"
cp node_modules/htmx.org/dist/htmx.min.js "${vendor}/htmx.min.js"
