#!/usr/bin/env bash
# Chromium, in which the tests look at the pages; installed when missing.
set -euo pipefail

command -v chromium >/dev/null || "$(dirname "$0")/apt-install.sh" chromium
